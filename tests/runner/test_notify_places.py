"""Real services on loopback: ntfy, mail through apprise, a desktop on a private bus; and what happens where they are not."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest
from capture.github.deliveries import bare_memory
from runner.sinks import DESKTOP, Mailbox, ntfy

from conftest import NOON
from kairos_git.outside import Notify
from kairos_git.runner.model.left import last_left
from kairos_git.runner.notify import desktop
from kairos_git.runner.notify.notice import Notice
from kairos_git.runner.notify.ntfy import Topic, parse_topic
from kairos_git.runner.notify.places import Place, places, send_all
from kairos_git.runner.notify.post import Sent, notify, open_post

NOTICE = Notice("CI", "main is red — “fix” <b>it</b> & 'more'", "high")
LOUD = Notify(None)


def test_ntfy_gets_topic_title_message_and_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As its documentation says, with the environment as the only place that names it."""
    with ntfy() as sink:
        monkeypatch.setenv("KAIROS_NOTIFY", f"ntfy://tk_abc@127.0.0.1:{sink.port}/my-topic")
        post, bad = open_post(bare_memory(tmp_path), LOUD)
        done = notify(NOTICE, LOUD, post, NOON)

        assert bad == () and isinstance(done, Sent) and done.to == ("ntfy (1)",)
        ((headers, body),) = sink.requests
        assert body == {"topic": "my-topic", "title": "CI", "message": NOTICE.text, "priority": 4}
        assert headers["authorization"] == "Bearer tk_abc"
        (left,) = last_left(post.memory)
        assert (left.what, left.to, left.data.decode()) == ("notice", "ntfy (1)", f"CI\n{NOTICE.text}")


@pytest.mark.parametrize(
    ("address", "topic"),
    [("ntfy://My-Topic", Topic("https://ntfy.sh", "My-Topic")), ("ntfys://push.example/t", Topic("https://push.example", "t")),
     ("ntfy://push.example:8080/t", Topic("http://push.example:8080", "t")), ("ntfys://u:p@push.example/t", Topic("https://push.example", "t", "Basic dTpw")),
     ("ntfys://tk_1@topic", Topic("https://ntfy.sh", "topic", "Bearer tk_1")), ("ntfy://[::1]:80/t", Topic("http://[::1]:80", "t")),
     ("ntfy://", None), ("ntfy://host/a/b", None), ("ntfy://host:port/t", None), ("ntfy://host/t opic", None)],
)  # fmt: skip
def test_an_ntfy_address_names_a_server_and_a_topic(address: str, topic: Topic | None) -> None:
    """In apprise's own way of writing it; a topic is not shown, since its name is all it takes."""
    assert parse_topic(address) == topic and "opic" not in repr(parse_topic(address)).removeprefix("Topic")


@pytest.mark.parametrize("trouble", ["500", "401", "redirect", "nobody", "no name"])
def test_a_service_that_fails_says_why_without_its_address(trouble: str) -> None:
    """A redirect is not followed: the token would go to whom nobody named."""
    with ntfy() as sink, ntfy() as other:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            nobody = closed.getsockname()[1]
        sink.status = {"500": 500, "401": 401, "redirect": 302}.get(trouble, 200)
        sink.location = f"http://127.0.0.1:{other.port}/" if trouble == "redirect" else ""
        host = "name.invalid" if trouble == "no name" else f"127.0.0.1:{nobody if trouble == 'nobody' else sink.port}"
        found, _ = places(LOUD, f"ntfy://tk_5ecret@{host}/topic")
        ((name, why),) = send_all(found, NOTICE, 5).items()

        assert why and "5ecret" not in name + why and "topic" not in name + why and other.requests == []


def test_a_service_that_hangs_costs_no_more_than_its_time() -> None:
    """Whatever it does meanwhile it is not waited for; the others have it."""
    ended = threading.Event()
    hangs = Place("slow (1)", lambda notice, seconds: "" if ended.wait(30) else "at last")
    with ntfy() as sink:
        sink.wait = 2
        silent, _ = places(LOUD, f"ntfy://127.0.0.1:{sink.port}/t")
        failed = send_all([hangs, *silent, Place("quick (2)", lambda notice, seconds: "")], NOTICE, 0.3)
    ended.set()

    assert failed["slow (1)"] == "no answer in 0.3 s" and set(failed) == {"slow (1)", "ntfy (1)"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what apprise imports
def test_mail_goes_through_apprise() -> None:
    """To a real mail server on loopback."""
    pytest.importorskip("apprise")
    controller = pytest.importorskip("aiosmtpd.controller")
    box = Mailbox()
    server = controller.Controller(box, hostname="127.0.0.1", port=0)
    with socket.create_server(("127.0.0.1", 0)) as free:
        server.port = free.getsockname()[1]
    server.start()
    try:
        address = f"mailto://127.0.0.1:{server.port}/?from=kairos@example.org&to=ada@example.org&mode=insecure"
        found, bad = places(LOUD, address)
        assert bad == () and send_all(found, NOTICE, 20) == {}
    finally:
        server.stop()

    assert box.messages == [("CI", NOTICE.text)]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what apprise imports
def test_what_cannot_be_used_is_named_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is used; no address is repeated, also where apprise is not installed."""
    found, bad = places(LOUD, "ntfy://a no-kind-5ecret nonsense://5ecret/x ntfy:///")
    assert [p.name for p in found] == ["ntfy (1)"] and len(bad) == 3 and "5ecret" not in " ".join(bad)

    monkeypatch.setitem(sys.modules, "apprise", None)
    found, bad = places(LOUD, "tgram://5ecret/1")
    assert found == () and "kairos-git[notify]" in bad[0] and "5ecret" not in bad[0]


def test_the_keyring_is_asked_where_the_environment_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not waited for, where it is locked or broken."""
    fake, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    errors.KeyringError = type("KeyringError", (Exception,), {})  # type: ignore[attr-defined]
    fake.errors = errors  # type: ignore[attr-defined]
    fake.get_password = lambda service, name: f"ntfy://{service}-{name}"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", fake)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    assert [p.name for p in places(LOUD, "")[0]] == ["ntfy (1)"]

    def locked(service: str, name: str) -> str:
        raise errors.KeyringError("locked")

    fake.get_password = locked  # type: ignore[attr-defined]
    assert places(LOUD, "") == ((), ())


@pytest.mark.parametrize("program", ["gdbus", "notify-send"])
def test_the_desktop_shows_it_on_a_private_bus(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Markup and quotation marks arrive as text."""
    missing = [name for name in ("dbus-run-session", program) if not shutil.which(name)]
    missing += [] if importlib.util.find_spec("dbus_fast") else ["dbus-fast"]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    (tmp_path / program).symlink_to(shutil.which(program) or "")
    code = (
        "import sys; from kairos_git.runner.notify.desktop import show; from kairos_git.runner.notify.notice import Notice; "
        f"sys.exit(show(Notice(*{tuple(NOTICE)!r}), 20) or 0)"
    )
    env = {"PATH": str(tmp_path), "HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [shutil.which("dbus-run-session") or "", "--dbus-daemon", shutil.which("dbus-daemon") or "", "--", sys.executable, "-c", DESKTOP, code],
        capture_output=True, text=True, env=env, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["kairos-git", "CI", "main is red — “fix” &lt;b&gt;it&lt;/b&gt; &amp; 'more'", 2]


def test_a_machine_without_a_desktop_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a program, with one that fails, with one that hangs."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "none of" in desktop.show(NOTICE, 5)
    program = tmp_path / "notify-send"
    program.write_text(f"#!{shutil.which('sh', path=os.defpath) or '/bin/sh'}\nexit 1\n")
    program.chmod(0o755)
    assert desktop.show(NOTICE, 5) == "there is no desktop here"
    program.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(30)\n")
    assert "did not answer" in desktop.show(NOTICE, 0.3)


def test_a_notice_is_an_argument_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in it is an option or a script, with any program."""
    hostile = Notice("--version", '" with title "x" & do shell script "id', "low")
    for name in ("notify-send", "gdbus", "osascript"):
        words = desktop._words(name, f"/bin/{name}", hostile)
        assert "--" in words and not any("do shell script" in w and "-e" in words[: words.index(w)][-1:] for w in words)
        shown = words[words.index("--") + 1 :]
        assert any("--version" in w for w in shown) and any("shell script" in w for w in shown)
