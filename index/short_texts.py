"""One short text through a BERT, without the price of doing it for any number by any model.

A question waits for this. Libraries take as long for their own bookkeeping as for the arithmetic;
here are only the layers (Devlin et al. 2019), in bfloat16 where the processor multiplies it itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PLAIN = "BertModel"  # others that go by "bert" differ in their layers


@dataclass(frozen=True, slots=True)
class _Layer:
    """The weights of one layer as torch tensors."""

    attend: tuple[Any, Any]  # queries, keys and values at once
    attended: tuple[Any, Any]
    attended_norm: tuple[Any, Any]
    widen: tuple[Any, Any]
    narrow: tuple[Any, Any]
    narrow_norm: tuple[Any, Any]


class ShortTexts:
    """A sentence-transformers model whose first module is a BERT, for one text at a time."""

    def __init__(self, model: Any, half: bool) -> None:
        """half: calculate in bfloat16; the cosine to what float32 gives is at least .9999."""
        import torch

        self._model, bert = model.eval(), model[0].auto_model
        self._type = torch.bfloat16 if half else torch.float32
        self._embed, config = bert.embeddings, bert.config
        self._heads, self._epsilon = config.num_attention_heads, config.layer_norm_eps
        self._layers = [_Layer(*self._weights(layer)) for layer in bert.encoder.layer]

    def vector(self, text: str, prompt: str) -> Any:
        """What the model makes of the prompt and the text, a tensor of shape (dimension,)."""
        import torch

        with torch.inference_mode():
            read = self._model.preprocess([text], prompt=prompt)
            features = {**read, "token_embeddings": self._encoded(read)[None]}
            for module in list(self._model)[1:]:
                features = module(features)
            return features["sentence_embedding"][0].float()

    def _encoded(self, read: Any) -> Any:
        """The last layer's vectors, shape (word pieces, width)."""
        kinds = read.get("token_type_ids")
        hidden = self._embed(input_ids=read["input_ids"], token_type_ids=kinds)[0].to(self._type)
        for layer in self._layers:
            hidden = self._through(layer, hidden)
        return hidden.float()

    def _through(self, layer: _Layer, hidden: Any) -> Any:
        from torch.nn import functional as nn

        length, width = hidden.shape
        split = nn.linear(hidden, *layer.attend).view(1, length, 3, self._heads, -1)
        asked, keys, values = split.permute(2, 0, 3, 1, 4)
        mixed = nn.scaled_dot_product_attention(asked, keys, values)
        attended = nn.linear(mixed.transpose(1, 2).reshape(length, width), *layer.attended)
        hidden = nn.layer_norm(hidden + attended, (width,), *layer.attended_norm, self._epsilon)
        wide = nn.gelu(nn.linear(hidden, *layer.widen))
        narrowed = nn.linear(wide, *layer.narrow)
        return nn.layer_norm(hidden + narrowed, (width,), *layer.narrow_norm, self._epsilon)

    def _weights(self, layer: Any) -> Iterator[tuple[Any, Any]]:
        import torch

        own, after = layer.attention.self, layer.attention.output
        asked = (own.query, own.key, own.value)
        together = [torch.cat([getattr(m, kind) for m in asked]) for kind in ("weight", "bias")]
        yield together[0].detach().to(self._type), together[1].detach().to(self._type)
        parts = (after.dense, after.LayerNorm, layer.intermediate.dense)
        for part in (*parts, layer.output.dense, layer.output.LayerNorm):
            yield part.weight.detach().to(self._type), part.bias.detach().to(self._type)


def fits(model: Any) -> bool:
    """Whether the model is one of these, on the processor and as it was published."""
    bert: Any = getattr(model[0], "auto_model", None)
    if type(bert).__name__ != PLAIN or str(model.device) != "cpu":
        return False
    config = bert.config
    plain = config.hidden_act == "gelu" and not getattr(config, "is_decoder", False)
    absolute = getattr(config, "position_embedding_type", None) in (None, "absolute")
    return plain and absolute
