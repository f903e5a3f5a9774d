"""What runs beside the resident loop: the file watcher and GitHub's receiver, each a thread that ends with the loop.

The one rule: a part that cannot start is said once; the loop goes on without it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from kairos_git.capture.project import Project
from kairos_git.errors import KairosError, Problem
from kairos_git.memory.repository import Memory
from kairos_git.runner.awake.resident import Part
from kairos_git.settings import Settings, keys

Say = Callable[[str], None]


def parts(memory: Memory, project: Project | None, settings: Settings, say: Say, port: int | None) -> list[Part]:
    """The parts that this memory can have. port: where GitHub's deliveries come in, None for nowhere."""
    found = []
    observes = settings.bounds.observes
    if project is not None and not project.bare and "files" in observes:
        found.append(Part("files", lambda ended: watch_files(memory, project, say, ended)))
    if port is not None and "github" in observes:
        found.append(Part("webhook", lambda ended: receive(memory, project, settings, say, port, ended)))
    return found


def watch_files(memory: Memory, project: Project, say: Say, ended: threading.Event) -> None:
    """Look at the work tree whenever something was saved in it."""
    from kairos_git.capture.files.taking import take_in
    from kairos_git.capture.files.watching import watch

    said: set[str] = set()

    def tell(line: str) -> None:
        if line not in said:
            said.add(line)
            say(line)

    def look(problem: Problem | None) -> None:
        if problem is not None:
            tell(str(problem))
            return
        try:
            for bad in take_in(memory, project, datetime.now().astimezone()).problems:
                tell(f"files: {bad}")
        except (KairosError, OSError) as error:
            tell(f"files: {error}")

    watch(project, look, ended)


def receive(memory: Memory, project: Project | None, settings: Settings, say: Say, port: int, ended: threading.Event) -> None:
    """Take GitHub's deliveries until the loop ends."""
    from kairos_git.capture.github.intake import Intake, watched_repository
    from kairos_git.capture.github.receiver import PATH, Receiver

    watched = watched_repository(settings.github, project)
    if watched is None:
        say(
            "webhook: the project's origin is not at github.com, and `github: {repo: owner/name}` is not set; nothing is received"
        )
        return
    try:
        listener = Receiver(
            Intake(memory, watched, settings.github.daily),
            keys().webhook,
            lambda: datetime.now().astimezone(),
            port=port,
            said=say,
        )
    except KairosError as error:
        say(f"webhook: {error}")
        return
    say(f"listening on http://127.0.0.1:{listener.address[1]}{PATH} for {watched.repo}")

    def end() -> None:
        ended.wait()
        listener.stop()

    threading.Thread(target=end, daemon=True).start()
    listener.serve()
