"""Serve one GGUF file on loopback until standard input ends: the child process of `llama`.

    python llama_server.py --gguf FILE --context 4096 --parallel 2

The first line of standard input is the key that requests must carry: without one, any page open
in a browser on this machine could use the port. Prints one line of JSON, {"url": ...} or
{"error": ...}. Imports nothing of ours, so that it runs by its path from anywhere.
"""

import argparse
import ctypes
import json
import os
import signal
import sys
from threading import Thread
from typing import Any

import xllamacpp

PR_SET_PDEATHSIG = 1  # Linux: the signal this process gets when its parent ends


def main() -> None:
    """Load the model, print the line, and serve as long as the parent holds the pipe."""
    options = _options()
    report = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the library prints must not fill a pipe that nobody reads
    key = sys.stdin.readline().strip()
    watch = _die_with_parent()
    try:
        server = xllamacpp.Server(_params(options, key))
    except RuntimeError as error:
        print(json.dumps({"error": str(error)}), file=report, flush=True)
        os._exit(1)
    print(json.dumps({"url": server.listening_address}), file=report, flush=True)
    report.close()
    watch.join()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--context", type=int, default=4096, help="tokens, for each request")
    parser.add_argument("--parallel", type=int, default=2, help="requests at the same time")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--adapter", help="a LoRA adapter in a GGUF file, laid over the model")
    return parser.parse_args()


def _params(options: argparse.Namespace, key: str) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = options.gguf
    if options.adapter:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(options.adapter, 1.0)]
    params.n_parallel = options.parallel
    params.n_ctx = options.context * options.parallel  # each request has its own share
    params.api_keys = [key]
    params.ui = params.endpoint_slots = False
    params.cache_ram_mib = 0  # else up to 8 GB of earlier prompts are kept
    params.cache_prompt = False  # the same question gets the same answer, whatever came before
    params.verbosity = 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
    return params


def _die_with_parent() -> Thread:
    """End this process with its parent, however that ends.

    The thread notices everywhere; but while a model loads, Python stands still, so on Linux the
    kernel is asked as well.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    watch = Thread(target=_leave_at_end_of_input, daemon=True)
    watch.start()
    return watch


def _leave_at_end_of_input() -> None:
    sys.stdin.read()
    os._exit(0)  # no farewells: unloading can crash or wait for an answer to end


if __name__ == "__main__":
    main()
