"""How far a run is and how long it will still take, on standard error."""

import sys
from time import monotonic
from types import TracebackType

from tqdm import tqdm

EVERY = 30.0  # seconds between lines where no terminal can redraw one
BAR = "{n_fmt}/{total_fmt} questions |{bar}| {elapsed} gone, {remaining} left{postfix}"


class Progress:
    """A bar on a terminal, a line now and then in a log; never (False) or always a bar (True)."""

    def __init__(self, total: int, done: int, shown: bool | None) -> None:
        terminal = sys.stderr.isatty() if shown is None else shown
        self._bar = tqdm(total=total, initial=done, disable=not terminal, bar_format=BAR)
        self._logging = shown is None and not terminal
        self._total, self._done, self._first = total, done, done
        self._failed = 0
        self._began = self._told = monotonic()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    def step(self, failed: bool) -> None:
        """One more question is through."""
        self._done += 1
        if failed:
            self._failed += 1
            self._bar.set_postfix_str(f"{self._failed} failed", refresh=False)
        self._bar.update()
        now = monotonic()
        if self._logging and now - self._told >= EVERY:
            self._told = now
            print(self.line(now - self._began), file=sys.stderr, flush=True)

    def line(self, seconds: float) -> str:
        """How far it is after so many seconds."""
        left = seconds / (self._done - self._first) * (self._total - self._done)
        failed = f", {self._failed} failed" if self._failed else ""
        return f"{self._done}/{self._total} questions, {_clock(left)} left{failed}"


def _clock(seconds: float) -> str:
    """3725 as 1:02:05."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
