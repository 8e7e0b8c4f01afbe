"""The rules of the house that an import, a call or a word can break."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fmnist_core import cli

ROOT = Path(__file__).parents[1]
CORE = sorted((ROOT / "fmnist_core").rglob("*.py"))
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]


def name_file(path):
    return path.relative_to(ROOT).as_posix()


def is_for_type_checkers(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def find_imports(node):
    """Yield every import statement below a node, wherever it stands, except those for type checkers only."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif not is_for_type_checkers(child):
            yield from find_imports(child)


def imported_packages(path):
    packages = set()
    for statement in find_imports(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(statement, ast.ImportFrom):
            packages.add(statement.module.split(".")[0])
        else:
            packages |= {alias.name.split(".")[0] for alias in statement.names}
    return packages


def test_imports_are_found_wherever_they_stand(tmp_path):
    module = tmp_path / "module.py"
    module.write_text(
        "import a.b\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import hidden\n"
        "def f():\n    from c.d import e\n    if f:\n        import g, h as i\n"
    )
    assert imported_packages(module) == {"a", "typing", "c", "g", "h"}


@pytest.mark.parametrize("path", CORE, ids=name_file)
def test_the_core_knows_neither_streamlit_nor_the_pages(path):
    assert imported_packages(path).isdisjoint({"streamlit", "pages", "app"})


@pytest.mark.parametrize("path", [path for path in CORE if path.parent.name != "figures"], ids=name_file)
def test_only_figures_draw(path):
    assert "plotly" not in imported_packages(path)


@pytest.mark.parametrize("path", PAGES, ids=name_file)
def test_pages_compute_and_draw_nothing_themselves(path):
    heavy = {"keras", "tensorflow", "torch", "jax", "sklearn", "plotly", "umap", "distributed"}
    assert imported_packages(path).isdisjoint(heavy)


@pytest.mark.parametrize("path", PAGES, ids=name_file)
def test_caches_are_in_one_place(path):
    names = {
        node.attr for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)
    }
    caches = {name for name in names if name.startswith("cache_")} & {"cache_data", "cache_resource"}
    assert not caches or name_file(path).startswith("pages/shared/cache/")


# What begins a run or a search; done twice, there are two of them. Projections, studies and the like are kept by
# what they are of, so that asking for one twice gives one.
STARTERS = {"jobs.submit", "jobs.resume", "jobs.extend", "search.start", "search.go_on", "save_classroom"}


def find_starting_buttons(tree):
    """Return the on_click of every button that begins something, itself, by a function of its file or an argument."""
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}

    def starts(node):
        words = {ast.unparse(part) for part in ast.walk(node) if isinstance(part, ast.Name | ast.Attribute)}
        return bool(words & STARTERS)

    starters = {name for name, function in functions.items() if starts(function)}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        names = {part.id for part in ast.walk(given.get("on_click", call)) if isinstance(part, ast.Name)}
        if "on_click" in given and (
            names & starters or any(starts(given[name]) for name in ("on_click", "args") if name in given)
        ):
            yield ast.unparse(given["on_click"])


def test_buttons_that_start_something_are_found():
    source = (
        "def begin():\n    jobs.submit(x)\nst.button('a', on_click=begin)\nst.button('b', on_click=once(jobs.resume))\n"
        "st.button('c', on_click=attempt, args=(search.go_on, name))\nst.button('d', on_click=jobs.stop)\n"
    )
    assert list(find_starting_buttons(ast.parse(source))) == ["begin", "once(jobs.resume)", "attempt"]


def test_a_click_starts_one_thing():
    found = [
        callback for path in PAGES for callback in find_starting_buttons(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert len(found) >= 8
    assert [callback for callback in found if not re.match(r"(widgets\.)?once\(", callback)] == []


def test_no_page_loads_what_is_heavy_before_it_is_painted():
    statements = {
        name_file(path): [
            ast.unparse(statement)
            for statement in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(statement, ast.Import | ast.ImportFrom) and "fmnist_core" in ast.unparse(statement)
        ]
        for path in PAGES
    }
    assert sum(map(len, statements.values())) > 20
    program = f"""
import json, sys
for page, statements in json.loads({json.dumps(statements)!r}).items():
    for statement in statements:
        exec(statement)
        for package in {{"tensorflow", "keras", "torch", "jax", "sklearn", "umap", "distributed"}} & set(sys.modules):
            sys.exit(f"{{page}}: {{statement}} loads {{package}}")
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def own_files():
    """All text files of the project; what the tools leave behind is not ours."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part not in (".ci", ".streamlit", ".gitignore") for part in parts)
        if path.is_file() and not hidden and "__pycache__" not in parts:
            content = path.read_bytes()
            if b"\0" not in content:
                yield path, content.decode("utf-8")


def test_nothing_depends_on_where_packages_come_from():
    # An index belongs into the settings of the machine, not into the project.
    words = re.compile(r"index[-_]url|trusted-host|find-links|pypi\.|pythonhosted", re.IGNORECASE)
    others = ((path, text) for path, text in own_files() if path != Path(__file__))
    assert {name_file(path): words.findall(text) for path, text in others if words.search(text)} == {}


def test_what_the_browser_is_sent_names_no_other_host():
    sent = [(path, text) for path, text in own_files() if path.suffix in {".js", ".css", ".html", ".svg"}]
    assert sent
    for path, text in sent:
        addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", re.sub(r"^\s*//.*", "", text, flags=re.M)))
        assert addresses <= {"http://www.w3.org"}, name_file(path)


def test_the_readme_names_every_command(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    commands = re.findall(r"^    (\w+)\s", capsys.readouterr().out, flags=re.M)
    assert "train" in commands
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [command for command in commands if f"python -m fmnist_core {command}" not in readme] == []
