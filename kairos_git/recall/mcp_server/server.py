"""The server itself: five tools and the memory's pages on the `mcp` library, over standard input and output.

Built on the library's low-level server: its tools are data here, its resources follow HEAD, and it holds 4 MB less.

The one rule: whatever goes wrong reaches the client as a sentence, and standard output carries the protocol alone.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from kairos_git import __version__
from kairos_git.errors import KairosError, Refused
from kairos_git.memory import handoff, index
from kairos_git.memory.observation import Observation
from kairos_git.memory.text import normal_text
from kairos_git.memory.topic import topic_name, topic_path
from kairos_git.recall.mcp_server.tools import INSTRUCTIONS, TOOLS, Told, check

_PAGES = {"kairos://memory": index.PATH, "kairos://handoff": handoff.PATH}
_TOPIC = "kairos://topics/"
_ABOUT = {
    index.PATH: "The index of what is known about this project, with ids",
    handoff.PATH: "What the last sessions did",
}


class Offered(NamedTuple):
    """What the program can do for a client; each opens the memory anew, and may raise KairosError.

    recall    (session, queries, most, author, branch, path) -> hits
    remember  (session, text, root) -> what was recorded
    why       (session, id) -> the account of a fact
    handoff   (session) -> what the last sessions did
    context   (session, budget, paths) -> the start of a session
    names     () -> paths of the pages that may be read
    page      (session, path) -> the text of one; None where there is none
    """

    recall: Callable[[str, list[str], int, str, str, str], Told]
    remember: Callable[[str, str, str], tuple[Told, Observation]]
    why: Callable[[str, str], Told]
    handoff: Callable[[str], Told]
    context: Callable[[str, int | None, list[str]], Told]
    names: Callable[[], list[str]]
    page: Callable[[str, str], str | None]


class Session:
    """One client, one voice. Owns what it is called in the log, and the root each of its claims was first said with.

    known: the client's session where it told us, so that its hooks and its tools are the same voice.
    """

    def __init__(self, known: str = "") -> None:
        self._known = known
        self._mark = secrets.token_hex(4)
        self._roots: dict[tuple[str, ...], str] = {}

    def name(self, asked: Any) -> str:
        """`claude-66093782ad96` where it is known, else `mcp-cursor-1f0c9a3e`: the client as it calls itself, and a mark of ours."""
        if self._known:
            return self._known
        told = asked.session.client_params
        client = told.client_info.name if told else ""
        known = re.sub(r"[^a-z0-9]+", "-", client.lower())[:24].strip("-")
        return f"mcp-{known or 'client'}-{self._mark}"

    def root(self, text: str, given: str) -> str:
        """The root a statement may have: a claim that this session made before keeps the first, so that it has one voice."""
        return next((self._roots[key] for key in _claimed(text) if key in self._roots), given)

    def keep(self, o: Observation) -> None:
        """Note what was said, and from where."""
        for key in _claimed(o.text):
            self._roots.setdefault(key, o.root)


def _claimed(text: str) -> set[tuple[str, ...]]:
    from kairos_git.dream.slots import claims  # a hundred patterns, which an idle server does not hold

    o = Observation("", "", 0, text, "agent")
    return {(normal_text(text),), *((c.slot, c.cond, c.value) for c in claims(o))}


def build(offered: Offered, session: Session) -> Server[Any]:
    """The server for one client."""
    one_at_a_time = anyio.Lock()  # a search and a write of one client never meet in the same memory

    async def apart(work: Callable[[], Any]) -> Any:
        """Do work that waits for git and the disk in a thread, so that pings are answered meanwhile."""
        async with one_at_a_time:
            return await anyio.to_thread.run_sync(work)

    async def list_tools(ctx: Any, params: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=_listed())

    async def call_tool(ctx: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            told = await apart(partial(call, offered, session, session.name(ctx), params.name, params.arguments or {}))
        except KairosError as error:
            return types.CallToolResult(content=[types.TextContent(type="text", text=str(error))], is_error=True)
        content: list[types.ContentBlock] = [types.TextContent(type="text", text=_shown(told.text))]
        return types.CallToolResult(content=content, structured_content=_shown(told.data))

    async def list_resources(ctx: Any, params: object) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=[_resource(path) for path in await apart(_answered(offered.names))])

    async def list_templates(ctx: Any, params: object) -> types.ListResourceTemplatesResult:
        words = "What is known about one topic: a fact a line, with id, state and evidence"
        topic = types.ResourceTemplate(
            name="topic", uri_template=f"{_TOPIC}{{topic}}", description=words, mime_type="text/markdown"
        )
        return types.ListResourceTemplatesResult(resource_templates=[topic])

    async def read_resource(ctx: Any, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        uri = str(params.uri)
        path = _PAGES.get(uri) or (topic_path(unquote(uri.removeprefix(_TOPIC))) if uri.startswith(_TOPIC) else "")
        text = await apart(_answered(partial(offered.page, session.name(ctx), path)))
        if text is None:
            raise MCPError(types.INVALID_PARAMS, f"There is no {uri[:200]}; resources/list names what there is.", {"uri": uri})
        page = types.TextResourceContents(uri=uri, text=_shown(text), mime_type="text/markdown")
        return types.ReadResourceResult(contents=[page])

    return Server(
        "kairos-git", version=__version__, title="Project memory", instructions=INSTRUCTIONS, on_list_tools=list_tools,
        on_call_tool=call_tool, on_list_resources=list_resources, on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )  # fmt: skip


def call(offered: Offered, session: Session, name: str, tool: str, sent: dict[str, Any]) -> Told:
    """One call of a tool. Raises KairosError, whose text the client is told."""
    known = next((t for t in TOOLS if t.name == tool), None)
    if known is None:
        raise Refused(f"There is no tool {tool[:80]!r}. There are: {', '.join(t.name for t in TOOLS)}.")
    given = {key: value for key, value in sent.items() if value is not None}  # null is how some clients say "not given"
    wrong = check(known, given)
    if wrong:
        raise Refused(wrong)
    match tool:
        case "recall":
            queries = [given["query"], *given.get("also", ())]
            return offered.recall(name, queries, given.get("most", 10), *(given.get(k, "") for k in ("author", "branch", "path")))
        case "remember":
            told, o = offered.remember(name, given["text"], session.root(given["text"], given.get("root", "")))
            session.keep(o)
            return told
        case "why":
            return offered.why(name, given["fact"])
        case "handoff":
            return offered.handoff(name)
        case _:
            return offered.context(name, given.get("budget"), given.get("paths", []))


def serve_stdio(offered: Offered, known: str = "") -> None:
    """Serve one client over standard input and output, until its end of input. known: its session, as its environment says."""
    server = build(offered, Session(known))

    async def run() -> None:
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    anyio.run(run)


def _answered(work: Callable[[], Any]) -> Callable[[], Any]:
    """Work for a resource, whose errors are the protocol's."""

    def done() -> Any:
        try:
            return work()
        except KairosError as error:
            raise MCPError(types.INTERNAL_ERROR, str(error)) from error

    return done


def _listed() -> list[types.Tool]:
    return [
        types.Tool(
            name=t.name, description=t.description, input_schema=t.arguments, output_schema=t.result,
            annotations=types.ToolAnnotations(read_only_hint=t.reads, destructive_hint=False, idempotent_hint=True, open_world_hint=False),
        )
        for t in TOOLS
    ]  # fmt: skip


def _resource(path: str) -> types.Resource:
    topic = topic_name(path)
    uri = f"{_TOPIC}{quote(topic, safe='')}" if topic else next(u for u, p in _PAGES.items() if p == path)
    about = _ABOUT.get(path) or f"What is known about {topic}"
    return types.Resource(uri=uri, name=path, description=about, mime_type="text/markdown")


def _shown(value: Any) -> Any:
    """A value whose every text can be written as UTF-8: bytes of a log that are none are shown, not refused."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if not value.isascii() else value
    if isinstance(value, dict):
        return {k: _shown(v) for k, v in value.items()}
    return [_shown(v) for v in value] if isinstance(value, (list, tuple)) else value
