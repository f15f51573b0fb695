"""A client of online sessions: `actmax session run NAME --http 0` serves them.

    session = actmax.Session.open("monkey1")              # the session's folder; or Session(url, token)
    for block in session.blocks():                        # until the session is over
        responses = [present(image.array) for image in block]
        block.send(responses)                             # a number, or a list of channels, an image
"""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _actmax
from .arrays import numbers, on_host

#: The longest that the server holds a request for a block, seconds.
LONGEST_WAIT = 4.0
#: Pauses before a request that found no server is sent again, seconds.
PAUSES = (0.1, 0.5, 2.0)


class SessionError(_actmax.ActmaxError):
    """What the server refused; `status` is the status of HTTP, None where there is no answer."""

    def __init__(self, message: str, status: int | None = None):
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Receipt:
    """What became of responses."""

    #: Rows that count.
    accepted: int
    #: Names that are no image of the block.
    unknown: tuple[str, ...]
    #: Images that still lack responses.
    missing: tuple[str, ...]
    #: Whether the rows were of an earlier block, and change nothing.
    late: bool
    #: The block that is out now; None: the session is over.
    next: int | None


@dataclass(frozen=True)
class BlockImage:
    """An image of a block."""

    name: str
    #: Thread, generation and code in short.
    id: str
    #: The thread, from 0; None for a reference.
    thread: int | None
    #: "evolved" or "reference".
    role: str
    #: How often it is to be shown.
    shows: int
    session: Session = field(repr=False, compare=False)

    @property
    def content(self) -> bytes:
        """The file, a PNG or BMP. It can be had as long as the block is out."""
        return self.session._call("/v1/images/" + urllib.parse.quote(self.name))

    @property
    def array(self) -> NDArray[np.uint8]:
        """The pixels, `[H, W, 3]`, RGB in 8 bits."""
        return _actmax.decode_image(self.content)


class Block(Sequence[BlockImage]):
    """The images of a block in their order of presentation."""

    def __init__(self, session: Session, words: Mapping[str, Any]):
        self.session = session
        #: Its number.
        self.number: int = words["block"]
        of = [
            BlockImage(image["name"], image["id"], image.get("thread"), image["role"], image["shows"], session)
            for image in words["images"]
        ]
        self._shown = [of[index] for index in words["order"]]

    def __len__(self) -> int:
        return len(self._shown)

    def __getitem__(self, index: Any) -> Any:
        return self._shown[index]

    def send(self, values: Any, *, channels: Sequence[str] | None = None, bins_ms: Sequence[float] | None = None) -> Receipt:
        """Sends responses in the order of presentation.

        `values` is `[n]`, `[n, channels]`, or `[n, channels, bins]` with the bins' edges in ms as `bins_ms`. NaN is missing.
        """
        responses = np.asarray(on_host(values), dtype=object if isinstance(values, list) and None in values else None)
        shape = ("[n]", "[n, channels]", "[n, channels, bins]")[min(max(responses.ndim, 1), 3) - 1]
        responses = numbers(responses, "values", shape)
        if len(responses) != len(self):
            raise ValueError(f"{len(responses)} responses were given, block {self.number} shows {len(self)} images")
        rows = [
            {"name": image.name, "trial": trial, "values": _plain(row)}
            for trial, (image, row) in enumerate(zip(self, responses.reshape(len(self), *(responses.shape[1:] or (1,)))))
        ]
        return self.session.send(self.number, rows, channels=channels, bins_ms=bins_ms)

    def close(self) -> None:
        """Closes the block: images that lack responses are shown again, or count as missing."""
        self.session._call(f"/v1/block/{self.number}/close", {})

    def __repr__(self) -> str:
        return f"<actmax.Block {self.number}: {len(self)} images>"


class Session:
    """An online session at `url`, such as "http://127.0.0.1:40123", with its `token`. `timeout` is in seconds."""

    def __init__(self, url: str, token: str, *, timeout: float = 30.0):
        if not str(url).startswith(("http://", "https://")):
            raise ValueError(f"the address of a session begins with http://, not {url!r}")
        self.url = str(url).rstrip("/")
        self.timeout = float(timeout)
        # The server goes when the last block has its responses.
        self._over = False
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        # A proxy for the internet is none for the machine's own addresses.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    @classmethod
    def open(cls, folder: str | os.PathLike[str], *, timeout: float = 30.0) -> Session:
        """The session whose folder is `folder`, on this machine."""
        parts = []
        for name in ("http-url", "http-token"):
            try:
                parts.append((Path(folder) / name).read_text(encoding="utf-8").strip())
            except OSError as error:
                message = f"no session is served from {os.fspath(folder)!r}: start `actmax session run {folder} --http 0`"
                raise SessionError(message) from error
        return cls(*parts, timeout=timeout)

    def block(self, after: int | None = None, wait: float = 0.0) -> Block | None:
        """The block that is out, if its number is above `after`. Waits for one up to `wait` seconds, else returns None."""
        end = time.monotonic() + wait
        while True:
            left = max(0.0, end - time.monotonic())
            query = {"wait": f"{min(left, LONGEST_WAIT):.3f}"} | ({} if after is None else {"after": str(after)})
            answer = self._call("/v1/block?" + urllib.parse.urlencode(query))
            if answer:
                return Block(self, json.loads(answer))
            if left <= LONGEST_WAIT:
                return None

    def blocks(self) -> Iterator[Block]:
        """One block after the other, until the session is over. A block waits until its responses were sent or it is closed."""
        after = None
        while not self._over:
            block = self.block(after, LONGEST_WAIT)
            if block is not None:
                after = block.number
                yield block

    def send(
        self,
        block: int,
        rows: Sequence[Mapping[str, Any]],
        *,
        channels: Sequence[str] | None = None,
        bins_ms: Sequence[float] | None = None,
        key: str | None = None,
    ) -> Receipt:
        """Sends rows, one a presentation: `{"name": ..., "values": [...]}`, and `trial` and `t` (ms) if they are known.

        A request that got no answer is sent again with the same key, so that it counts once.
        """
        body: dict[str, Any] = {"block": block, "key": key or uuid.uuid4().hex, "rows": list(rows)}
        if channels is not None:
            body["channels"] = list(channels)
        if bins_ms is not None:
            body["bins_ms"] = [float(edge) for edge in bins_ms]
        words = json.loads(self._call("/v1/scores", body))
        self._over = words["next"] is None
        unknown, missing = tuple(words["unknown"]), tuple(words["missing"])
        return Receipt(words["accepted"], unknown, missing, words["late"], words["next"])

    def status(self) -> dict[str, Any]:
        """Phase, block, threads, warnings."""
        return json.loads(self._call("/v1/status"))

    def _call(self, path: str, body: Any = None) -> bytes:
        data = None if body is None else json.dumps(body, allow_nan=False).encode()
        request = urllib.request.Request(self.url + path, data, self._headers)
        for pause in (*PAUSES, None):
            try:
                with self._opener.open(request, timeout=self.timeout) as answer:
                    return answer.read()
            except urllib.error.HTTPError as error:
                raise SessionError(_words(error), error.code) from None
            except (OSError, http.client.HTTPException) as error:
                if pause is None:
                    raise SessionError(f"no session answers at {self.url}: {error}") from error
                time.sleep(pause)
        raise AssertionError("unreachable")

    def __repr__(self) -> str:
        return f"<actmax.Session {self.url}>"


def _words(error: urllib.error.HTTPError) -> str:
    """The sentence of an error."""
    try:
        return str(json.loads(error.read())["error"])
    except (OSError, ValueError, KeyError, TypeError):
        return f"the session answered {error.code} {error.reason}"


def _plain(row: NDArray[np.float64]) -> Any:
    """Numbers as JSON has them: NaN and infinities become null."""
    return [_plain(part) for part in row] if row.ndim else (float(row) if np.isfinite(row) else None)
