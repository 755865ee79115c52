"""Imitate the Sandbox function: its handler in a cage that refuses what Lambda refuses, behind Lambda's Invoke API.

As in Lambda an environment serves one invocation at a time, and one that crashed or ran out of time is replaced.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cage import caged
from tests.invoke_api import invoke_api

WORKER = """
import json, os, sys
from sandbox.app import lambda_handler
requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
null = os.open(os.devnull, os.O_RDWR)
os.dup2(null, 0); os.dup2(null, 1)
for line in requests:
    try:
        reply = {"result": lambda_handler(json.loads(line), None)}
    except Exception as error:
        reply = {"error": type(error).__name__}
    replies.write(json.dumps(reply).encode() + b"\\n")
    replies.flush()
"""
SECONDS = 60.0
LAMBDAS = {"AWS_LAMBDA_FUNCTION_NAME": "Sandbox", "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}  # what Lambda sets


class FunctionCrash(Exception):  # noqa: N818 - its name goes on the wire as the kind of error
    """Say that the environment ended."""


class Timedout(FunctionCrash):
    """Say that the environment did not answer in time."""


class Environment:
    """Hold one caged worker."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.lock = threading.Lock()

    def handle(self, event: object) -> object:
        """Have the worker handle an event."""
        with self.lock:
            worker = self._running()
            assert worker.stdin is not None
            assert worker.stdout is not None
            try:
                worker.stdin.write(json.dumps(event).encode() + b"\n")
                worker.stdin.flush()
            except OSError:
                line = b""
            else:
                line = self._line(worker)
            if not line.endswith(b"\n"):
                self.stop()
                raise FunctionCrash
        reply = json.loads(line)
        if "error" in reply:
            raise type(reply["error"], (Exception,), {})
        return reply["result"]

    def _line(self, worker: subprocess.Popen[bytes]) -> bytes:
        assert worker.stdout is not None
        if not select.select([worker.stdout], [], [], SECONDS)[0]:
            self.stop()
            raise Timedout
        return worker.stdout.readline()

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            command = [*caged(lambda_like=True), sys.executable, "-c", WORKER]
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={"PATH": os.environ["PATH"], **LAMBDAS},
            )
        return self.process

    def stop(self) -> None:
        """End the worker."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


@contextmanager
def caged_function() -> Iterator[dict[str, str]]:
    """Serve the imitation; gives the environment variables that make the grader use it."""
    environment = Environment()
    try:
        with invoke_api(environment.handle) as url:
            yield {
                "SANDBOX_FUNCTION": "Sandbox",
                "AWS_ENDPOINT_URL_LAMBDA": url,
                "AWS_REGION": "us-east-1",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_EC2_METADATA_DISABLED": "true",
            }
    finally:
        environment.stop()
