"""go.mod: the module, the Go it needs, the notable modules it is built on, and the commands every Go project has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kairos_git.capture.survey.ecosystems.manifests import below, in_other_code, is_plain, part_folders
from kairos_git.capture.survey.formats.documents import read_text
from kairos_git.capture.survey.reading import DEFAULT, Reader, Reading, Tree, conditioned, reading, slot_names
from kairos_git.capture.survey.tasks.commands import purpose_reading
from kairos_git.errors import Problem

FILE = "go.mod"
MOST_NAMED = 6
MOST_COMMANDS = 12  # programs below cmd/

# What a module is for: kind -> sentence and the beginnings of module paths.
_KINDS = {
    "terminal": ("The terminal interface is built with {}", (
        "charm.land/bubbletea", "charm.land/lipgloss", "charm.land/bubbles", "charm.land/huh", "github.com/charmbracelet/bubbletea",
        "github.com/charmbracelet/lipgloss", "github.com/charmbracelet/bubbles", "github.com/charmbracelet/huh", "github.com/rivo/tview",
        "github.com/gdamore/tcell", "github.com/pterm/pterm", "github.com/jroimartin/gocui", "github.com/jesseduffield/gocui")),
    "commands": ("Commands and options are parsed with {}", (
        "github.com/spf13/cobra", "github.com/urfave/cli", "github.com/alecthomas/kong", "github.com/peterbourgon/ff",
        "github.com/jessevdk/go-flags")),
    "web": ("Requests are served with {}", (
        "github.com/gin-gonic/gin", "github.com/labstack/echo", "github.com/gofiber/fiber", "github.com/go-chi/chi",
        "github.com/gorilla/mux", "connectrpc.com/connect", "google.golang.org/grpc", "github.com/julienschmidt/httprouter",
        "github.com/valyala/fasthttp", "github.com/99designs/gqlgen", "github.com/danielgtaylor/huma", "github.com/a-h/templ")),
    "database": ("Data is stored through {}", (
        "modernc.org/sqlite", "github.com/mattn/go-sqlite3", "github.com/ncruces/go-sqlite3", "zombiezen.com/go/sqlite",
        "github.com/jackc/pgx", "github.com/lib/pq", "github.com/go-sql-driver/mysql", "gorm.io/gorm", "github.com/jmoiron/sqlx",
        "github.com/uptrace/bun", "entgo.io/ent", "go.mongodb.org/mongo-driver", "github.com/redis/go-redis", "go.etcd.io/bbolt",
        "github.com/dgraph-io/badger", "github.com/pressly/goose", "github.com/golang-migrate/migrate")),
    "tests": ("Tests are written with {}", (
        "github.com/stretchr/testify", "github.com/onsi/ginkgo", "github.com/onsi/gomega", "gotest.tools", "github.com/google/go-cmp",
        "go.uber.org/mock", "github.com/golang/mock", "github.com/frankban/quicktest", "github.com/matryer/is", "github.com/vektra/mockery",
        "github.com/testcontainers/testcontainers-go", "github.com/DATA-DOG/go-sqlmock", "github.com/rogpeppe/go-internal",
        "github.com/sebdah/goldie", "charm.land/x/vcr", "github.com/charmbracelet/x/exp/golden", "github.com/jarcoal/httpmock",
        "pgregory.net/rapid", "go.uber.org/goleak")),
    "logs": ("Logs are written with {}", (
        "go.uber.org/zap", "github.com/rs/zerolog", "github.com/sirupsen/logrus", "charm.land/log", "github.com/charmbracelet/log")),
    "clusters": ("Kubernetes is reached through {}", (
        "k8s.io/client-go", "sigs.k8s.io/controller-runtime", "k8s.io/apimachinery")),
}  # fmt: skip
_CGO = {"modernc.org/sqlite": "in pure Go, without cgo", "github.com/mattn/go-sqlite3": "which needs cgo and a C compiler"}
_REQUIRE = re.compile(r"(?:require\s+)?([A-Za-z0-9][\w.~/-]{2,200})\s+v[\w.+-]+(.*)", re.ASCII)


class Module(NamedTuple):
    """A go.mod: the module's path, the Go and toolchain it names, its direct requirements and tools."""

    path: str
    go: str
    requires: list[str]
    tools: list[str]


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    for folder in ("", *part_folders(tree, FILE)):
        text = read_text(tree, below(folder, FILE))
        if isinstance(text, Problem):
            yield text
        elif text:
            module = parse_go_mod(text)
            yield from _needs(module, folder)
            if not folder:
                yield from _built_on(module)
            yield from _commands(tree, folder)
    yield from _programs(tree)


def parse_go_mod(text: str) -> Module:
    """The directives of a go.mod; indirect requirements, replacements and exclusions are left out."""
    path = go = block = ""
    requires, tools = [], []
    for line in text.splitlines():
        words = line.partition("//")[0].split()
        if not words:
            continue
        if words[-1] == "(" and len(words) == 2:
            block = words[0]
        elif words[0] == ")":
            block = ""
        elif words[0] == "module" and len(words) == 2:
            path = words[1].strip('"`')
        elif words[0] == "go" and len(words) == 2:
            go = words[1]
        elif (block or words[0]) == "require" and (found := _REQUIRE.match(line.strip())):
            requires += [found[1]] if "indirect" not in found[2] else []
        elif (block or words[0]) == "tool":
            tools.append(words[-1])
    return Module(path, go, requires, tools)


def _needs(module: Module, folder: str) -> Iterator[Reading]:
    file, where = below(folder, FILE), (folder,) if folder else ()
    slot, needs = conditioned("go.module", folder), conditioned("go.requires", folder)
    if slot and needs:
        text = "{} is the Go module in {}" if folder else "{} is the Go module's path, with which its packages are imported"
        yield from reading(file, "module", slot, module.path, text, *where)
        if re.fullmatch(r"\d+\.\d+(?:[.rc]+\d+)*", module.go):
            yield from reading(file, "go", needs, module.go, "Requires Go {} in {}" if folder else "Requires Go {}", *where)


def _built_on(module: Module) -> Iterator[Reading]:
    for kind, (text, known) in _KINDS.items():
        some = [one for one in module.requires if any(one == path or one.startswith((f"{path}/", f"{path}.")) for path in known)]
        some = [one for one in some if not one.startswith(module.path)][:MOST_NAMED]
        said = next((f", {words}" for one in some if (words := _CGO.get(one))), "") if len(some) == 1 else ""
        yield from reading(FILE, f"require.{kind}", f"go.dependencies.{kind}", ", ".join(some), text + said)
    tools = [tool.rpartition("/")[2] if not re.search(r"/v\d+$", tool) else tool.split("/")[-2] for tool in module.tools]
    tools = [f"go tool {name}" for name in tools if re.fullmatch(r"[\w.-]+", name)][:MOST_NAMED]
    yield from reading(FILE, "tool", "go.tools", ", ".join(tools), "The project's own tools are run by {}")


def _commands(tree: Tree, folder: str) -> Iterator[Reading]:
    """What Go itself offers. A program is built by its folder; a module of packages as a whole."""
    programs = main_packages(tree, folder)
    target = "." if list(programs.values()) == ["."] else f"./{next(iter(programs.values()))}" if len(programs) == 1 else "./..."
    offered = {"build": f"go build {target}", "tests": "go test ./..."}
    if not folder:  # in a part they are the same
        offered |= {"one-test": "go test ./path/to/package -run TestName", "lint": "go vet ./..."}
    if len(programs) == 1:
        offered["dev"] = f"go run {target}"
    for purpose, command in offered.items():
        yield from purpose_reading(below(folder, FILE), f"module+{purpose}.command", purpose, command, folder)


def main_packages(tree: Tree, folder: str = "") -> Mapping[str, str]:
    """The programs of a module: name -> the folder of package main from the module's root, '.' for the root itself."""
    start = below(folder, "")
    found = {}
    if f"{start}main.go" in tree.paths:
        found[folder.rpartition("/")[2] or "."] = "."
    for path in sorted(tree.paths):
        if (
            path.startswith(f"{start}cmd/")
            and path.endswith("/main.go")
            and is_plain(path)
            and not in_other_code(path[len(start) :])
        ):
            package = path[len(start) : -len("/main.go")]
            if package.count("/") == 1:
                found[package.rpartition("/")[2]] = package
    return found


def _programs(tree: Tree) -> Iterator[Reading]:
    if FILE not in tree.paths:
        return
    programs = {name: package for name, package in main_packages(tree).items() if name != "."}
    slots = slot_names(programs)
    for name, package in sorted(programs.items())[:MOST_COMMANDS]:
        file = f"{package}/main.go"
        yield from reading(file, "package", f"entry-points.{slots[name]}", file, "{} is where the program {} starts", name)
    if "main.go" in tree.paths:
        yield from reading("main.go", "package", "entry-points.main", "main.go", "{} is where the program starts")


READER = Reader("go_mod", _read, DEFAULT, "go")
