"""A wire that breaks: a TCP relay that cuts the connection after so many bytes of the request or of the answer."""

from __future__ import annotations

import socket
import struct
import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Cut:
    """Where the wire breaks: after `after` bytes that went `way` ("request" or "answer"); -1 never."""

    way: str = "request"
    after: int = -1


class Relay:
    """Listens on a port of its own and passes on to the server, until the cut."""

    def __init__(self, host: str, port: int) -> None:
        self.target, self.cut, self.passed = (host, port), Cut(), {"request": 0, "answer": 0}
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self.target, timeout=30)
            except OSError:
                near.close()
                continue
            self.passed = {"request": 0, "answer": 0}
            cut = self.cut
            for way, source, sink in (("request", near, far), ("answer", far, near)):
                threading.Thread(target=self._pass, args=(way, source, sink, cut), daemon=True).start()

    def _pass(self, way: str, source: socket.socket, sink: socket.socket, cut: Cut) -> None:
        left = cut.after if cut.way == way else -1
        if left == 0:
            return _break(source, sink)
        try:
            while chunk := source.recv(65536):
                if 0 <= left <= len(chunk):
                    sink.sendall(chunk[:left])
                    self.passed[way] += left
                    return _break(source, sink, gently=way == "request")
                sink.sendall(chunk)
                self.passed[way] += len(chunk)
                left -= len(chunk) if left > 0 else 0
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            _break(source, sink)
        return None


def _break(source: socket.socket, sink: socket.socket, *, gently: bool = False) -> None:
    """Both sides are gone. `gently` lets the bytes that were sent arrive first, so that the cut is where it says."""
    for side in (source, sink):
        try:
            if not gently:
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            side.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        side.close()
