"""Who may import whom. The table below is the design; the tests hold the code to it."""

import ast
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import scalinglaws

PACKAGE = Path(scalinglaws.__file__).parent
CORE = frozenset({"errors", "estimate", "threads"})
EVERYWHERE = frozenset({"numpy", "jaxtyping"})


@dataclass(frozen=True)
class Room:
    """What a room may import: rooms and modules of ours, libraries, and those of them that may
    be imported at the top of a module, where they cost start-up time."""

    ours: frozenset[str] = frozenset()
    libraries: frozenset[str] = frozenset()
    at_top: frozenset[str] = frozenset()


def room(ours: str = "", libraries: str = "", at_top: str = "") -> Room:
    top = frozenset(at_top.split())
    return Room(frozenset(ours.split()), frozenset(libraries.split()) | top, top)


ROOMS = {
    "errors": room(),
    "estimate": room(),
    "threads": room(libraries="threadpoolctl"),
    "result": room(),
    "dimension": room(libraries="scipy sklearn numba threadpoolctl"),
    "dimension.engines.kernels": room("dimension", at_top="numba"),  # imported when they run
    "dimension.estimators": room("dimension", at_top="sklearn"),  # its classes extend sklearn's
    "laws": room(libraries="scipy"),
    "theory": room(libraries="scipy"),
    "percolation": room(libraries="scipy", at_top="numba"),
    "files": room(libraries="polars safetensors tensorboard google"),
    "learn": room(
        libraries="scipy threadpoolctl safetensors transformers gguf tokenizers", at_top="torch"
    ),
    "data": room("percolation learn.networks files", "scipy sklearn", "torch"),
    "sweep": room("result", "distributed dask threadpoolctl rich", "msgspec pebble"),
    "experiments": room(
        "result sweep.cell dimension laws theory percolation learn data",
        "torch sklearn scipy",
    ),
    "report": room("result", at_top="matplotlib jinja2 markupsafe msgspec rich"),
    "runner": room("result sweep experiments report data", "rich threadpoolctl", "msgspec"),
    "cli": room(
        "result runner report experiments dimension laws files data",
        "rich",
        "click msgspec",
    ),
}


def modules_of(name: str) -> list[Path]:
    """The room's modules, but for those that have a rule of their own."""
    if module_file(name).exists():
        return [module_file(name)]
    return sorted(set((PACKAGE / name).rglob("*.py")) - {module_file(other) for other in ROOMS})


def module_file(name: str) -> Path:
    return PACKAGE.joinpath(*name.split(".")).with_suffix(".py")


def imports(path: Path) -> set[tuple[str, bool]]:
    """(dotted module, whether it stands at module level), typing-only imports left out."""
    found: set[tuple[str, bool]] = set()

    def visit(node: ast.AST, top: bool) -> None:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if isinstance(node, ast.Import):
            found.update((alias.name, top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            # from scalinglaws.x import y: y may itself be a module
            ours = (node.module or "").startswith("scalinglaws")
            names = [f".{alias.name}" for alias in node.names] if ours else [""]
            found.update((f"{node.module}{name}", top) for name in names)
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, top and not inside)

    visit(ast.parse(path.read_text()), True)
    return found


def allowed_of_ours(name: str, rule: Room, module: str) -> bool:
    inner = module.removeprefix("scalinglaws.")
    return any(inner == a or inner.startswith(f"{a}.") for a in {name, *CORE, *rule.ours})


def test_every_module_has_its_rule():
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    rooms = {path.parent.name for path in PACKAGE.glob("*/*.py")}
    assert modules | rooms == {name for name in ROOMS if "." not in name}
    assert [name for name in ROOMS if not modules_of(name)] == []


def test_an_import_inside_a_function_is_seen_and_a_typing_one_is_not(tmp_path: Path):
    module = tmp_path / "module.py"
    module.write_text(
        "import numpy\nif TYPE_CHECKING:\n    import polars\n"
        "def f():\n    from scalinglaws.report import draw\n    import torch.nn\n"
    )
    assert imports(module) == {
        ("numpy", True),
        ("scalinglaws.report.draw", False),
        ("torch.nn", False),
    }


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_imports_only_what_its_rule_allows(name: str):
    rule = ROOMS[name]
    wrong: list[str] = []
    for path in modules_of(name):
        for module, top in sorted(imports(path)):
            library = module.partition(".")[0]
            if library == "scalinglaws":
                fine = allowed_of_ours(name, rule, module)
            elif library in sys.stdlib_module_names:
                fine = True
            else:
                fine = library in EVERYWHERE | (rule.at_top if top else rule.libraries)
            if not fine:
                wrong.append(f"{path.relative_to(PACKAGE)}: {module}{' at the top' * top}")
    assert wrong == []


def test_a_pure_room_touches_no_disk_and_no_process():
    """The rooms of formulas compute; only sweep starts processes."""
    outside = {"os", "pathlib", "shutil", "sqlite3", "tempfile", "subprocess", "socket", "io"}
    processes = {"subprocess", "multiprocessing", "concurrent", "pebble"}
    wrong = [
        f"{path.relative_to(PACKAGE)}: {module}"
        for name in ROOMS
        for path in modules_of(name)
        for module, _ in imports(path)
        if (
            name.partition(".")[0] in {"dimension", "laws", "theory", "percolation"}
            and module.partition(".")[0] in outside
        )
        or (name != "sweep" and module.partition(".")[0] in processes)
    ]
    assert wrong == []


# Imports every module of each room while what its rule leaves out cannot be imported. One process
# for all rooms: what is refused is hidden from sys.modules while a room is imported.
IMPORT_WITH_OTHERS_BLOCKED = """
import importlib, importlib.abc, json, sys

class Refuse(importlib.abc.MetaPathFinder):
    names = set()
    def find_spec(self, name, path, target=None):
        parts = name.split(".")
        if any(".".join(parts[:n]) in self.names for n in range(1, len(parts) + 1)):
            raise ImportError(f"{name} is blocked")

refuse = Refuse()
sys.meta_path.insert(0, refuse)
failures = {}
for modules, refused in json.load(sys.stdin):
    refuse.names = set(refused)
    for module in [m for m in sys.modules if m.partition(".")[0] == "scalinglaws"]:
        del sys.modules[module]
    heads = {name for name in refused if "." not in name}
    hidden = {m: sys.modules.pop(m) for m in list(sys.modules) if m.partition(".")[0] in heads}
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError as error:
            failures[module] = str(error)
    sys.modules.update(hidden)
print(json.dumps(failures))
"""
# What a library imports for itself is its own affair.
BRINGS = {"sklearn": {"scipy", "threadpoolctl"}, "distributed": {"click", "dask"}}


def reachable(name: str) -> frozenset[str]:
    """The room and every room that it may import, directly or through another."""
    found = {name}
    for inner in ROOMS[name].ours:
        found |= reachable(inner.partition(".")[0])
    return frozenset(found) | CORE


def test_each_room_imports_with_all_others_blocked():
    libraries = set().union(*(rule.libraries for rule in ROOMS.values()))
    work: list[tuple[list[str], list[str]]] = []
    for name in ROOMS:
        rooms = reachable(name)
        needed = set().union(*(ROOMS[r].at_top for r in rooms))
        needed |= set().union(*(BRINGS.get(library, set()) for library in needed))
        refused = {f"scalinglaws.{other}" for other in set(ROOMS) - rooms} | (libraries - needed)
        modules = [
            ".".join(("scalinglaws", *path.relative_to(PACKAGE).with_suffix("").parts))
            for path in modules_of(name)
        ]
        work.append(([m.removesuffix(".__init__") for m in modules], sorted(refused)))
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_WITH_OTHERS_BLOCKED],
        input=json.dumps(work),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == {}
