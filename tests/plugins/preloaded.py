"""The server with everything imported once: a parent that forks the web process, and forks it again when it is killed.

Hundreds of kills would otherwise be spent importing. What is killed is a whole web process: it serves the requests and
holds the connections to the database; the parent holds only the listening socket, as systemd does.

    python tests/plugins/preloaded.py PORT PIDFILE [PLANT]

PLANT names a fault of `FAULTS` that is built in on purpose, so that a proof can be seen to find it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any


def acknowledge_before_storing() -> None:
    """The page says "saved" and the answer is stored a moment later: what a queue between the two would do."""
    from accord.service.portals.patient import questions

    store = questions.submit_answer

    def later(**given: Any) -> Any:
        def stored() -> None:
            time.sleep(0.15)
            from django.db import connection

            try:
                store(**given)
            finally:
                connection.close()

        threading.Thread(target=stored, daemon=True).start()
        return _Pretended()

    questions.submit_answer = later


class _Pretended:
    """Looks like what was kept."""

    class answer:
        value, text, revision = 0, "", 1

    replayed, screens = False, ()


def forget_the_key() -> None:
    """Every post is a new row: no key, no comparison with what stands."""
    import uuid

    from accord.service.flows import submit_answer as flow

    keep = flow.save_answer

    def always_new(**given: Any) -> Any:
        last = given["assessment"].answers.filter(instrument=given["instrument"], item=given["item"]).count()
        return keep(**{**given, "key": uuid.uuid4(), "revision": last})

    flow.save_answer = always_new


def lose_the_alert() -> None:
    """One alert in ten is never raised: the answer is kept, and nobody is told."""
    from accord.service.flows import submit_answer as flow

    raise_alert, calls = flow.raise_alert, []

    def forgetful(**given: Any) -> Any:
        calls.append(1)
        return None if len(calls) % 10 == 0 else raise_alert(**given)

    flow.raise_alert = forgetful


FAULTS = {fault.__name__: fault for fault in (acknowledge_before_storing, forget_the_key, lose_the_alert)}


def main(port: int, pid_file: Path, plant: str) -> None:
    from accord.cli.service import set_up_service

    set_up_service()
    import socket

    import uvicorn
    from django.db import connection

    from accord.cli.serve import prepare
    from accord.service.config.asgi import application
    from accord.service.demo import cast

    cast.CAST = ()  # the proofs bring their own people

    listener = socket.create_server(("127.0.0.1", port), backlog=512)
    prepare()
    if plant:
        FAULTS[plant]()
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()
    while True:
        child = os.fork()
        if child == 0:
            config = uvicorn.Config(application, access_log=False, log_level="critical", lifespan="off")
            uvicorn.Server(config).run(sockets=[listener])
            os._exit(0)
        fresh = pid_file.with_suffix(".new")
        fresh.write_text(str(child))
        fresh.replace(pid_file)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
