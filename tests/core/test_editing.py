import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core import editing
from fmnist_core.editing import MOST_STEPS, History
from fmnist_core.errors import InvalidSettingError
from fmnist_core.kinds import KINDS, Choice, Real, Size, Whole, check_arguments
from fmnist_core.palette import DEFAULTS, OFFERS, value_of
from fmnist_core.shapes import MOST_PARAMETERS, count_parameters, diagnose, summarize
from fmnist_core.stacks import FLATTEN, MOST_LAYERS, STACKS, Layer, conv, dense, dropout, pool

TINY = (conv(2, 3), pool(), FLATTEN, dense(5))


def test_a_layer_is_added_before_another_or_at_the_end_with_arguments_that_make_sense():
    assert editing.insert(TINY, 2, "Dropout") == (*TINY[:2], dropout(0.25), *TINY[2:])
    assert editing.insert(TINY, 4, "Dense") == (*TINY, dense(128))
    assert editing.insert((), 0, "Flatten") == (FLATTEN,)
    (added,) = editing.insert((), 0, "Conv2D")
    assert added.arguments == {"filters": 32, "kernel_size": 3, "padding": "same", "activation": "relu"}


def test_layers_are_removed_doubled_and_moved():
    a, b, c, d = TINY
    assert editing.remove(TINY, 1) == (a, c, d)
    assert editing.duplicate(TINY, 1) == (a, b, b, c, d)
    assert editing.move(TINY, 0, 2) == (b, c, a, d)
    assert editing.move(TINY, 3, 1) == (a, d, b, c)
    assert editing.move(TINY, 0, 99) == (b, c, d, a)
    assert editing.move(TINY, 2, -1) == (c, a, b, d)
    assert editing.move(TINY, 2, 2) == TINY


def test_an_argument_is_set_and_one_that_is_the_default_left_out():
    changed = editing.set_argument(TINY, 0, "strides", 2)
    assert changed[0].arguments["strides"] == 2
    assert editing.set_argument(changed, 0, "strides", 1) == TINY
    assert editing.unset_argument(changed, 0, "strides") == TINY
    assert editing.set_argument(TINY, 3, "activation", "linear")[3] == Layer("Dense", {"units": 5})
    assert editing.set_argument(TINY, 3, "use_bias", False)[3].arguments["use_bias"] is False
    # A pool's stride is its window unless it is given.
    assert editing.set_argument(TINY, 1, "strides", 2) == TINY
    assert editing.set_argument(TINY, 1, "strides", 1)[1].arguments == {"strides": 1}


def test_height_and_width_can_go_apart_and_together_again():
    apart = editing.set_square(TINY, 0, False)
    assert apart[0].arguments["kernel_size"] == (3, 3)
    assert apart[0].arguments["strides"] == (1, 1)
    assert not editing.is_square(apart[0])
    assert editing.set_square(apart, 0, True) == TINY
    wide = editing.set_argument(apart, 0, "kernel_size", (3, 5))
    assert summarize(wide)[1].output_shape == (26, 24, 2)
    assert editing.set_square(wide, 0, True) == TINY
    assert editing.is_square(FLATTEN)
    assert editing.set_square(TINY, 2, False) == TINY


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda: editing.insert(TINY, 5, "Dense"), "The position must be from 0 to 4. Received: 5."),
        (lambda: editing.insert(TINY, -1, "Dense"), "The position must be from 0 to 4. Received: -1."),
        (lambda: editing.insert(TINY, 0, "Lambda"), "`kind of layer` must be one of"),
        (lambda: editing.insert((FLATTEN,) * MOST_LAYERS, 0, "Flatten"), "at most 200 layers"),
        (lambda: editing.duplicate((FLATTEN,) * MOST_LAYERS, 0), "at most 200 layers"),
        (lambda: editing.remove(TINY, 4), "There must be a layer at the position. Received: 4 of 4."),
        (lambda: editing.remove(TINY, -1), "There must be a layer at the position. Received: -1 of 4."),
        (lambda: editing.move((), 0, 0), "There must be a layer at the position. Received: 0 of 0."),
        (
            lambda: editing.set_argument(TINY, 0, "filters", 0),
            "Layer 1, Conv2D: `filters` must be a whole number from 1 to 1,024. Received: 0.",
        ),
        (lambda: editing.set_argument(TINY, 2, "axis", 1), "Layer 3, Flatten: takes no arguments. Received: axis."),
        (lambda: editing.set_argument(TINY, 0, "kernel_size", True), "`kernel_size` must be one whole number"),
        (lambda: editing.unset_argument(TINY, 3, "units"), "Layer 4, Dense: needs `units`"),
    ],
)
def test_what_cannot_be_done_is_refused(edit, message):
    with pytest.raises(InvalidSettingError) as caught:
        edit()
    assert message in str(caught.value)


def test_undo_and_redo_walk_through_the_stacks():
    history = History(TINY).edit(TINY[1:]).edit(TINY[2:]).edit(TINY[2:])
    assert len(history.past) == 2
    back = history.undo().undo()
    assert back.present == TINY
    assert back.undo() == back
    assert back.redo().present == TINY[1:]
    assert back.redo().redo() == history
    assert history.redo() == history
    assert back.redo().edit(()).future == ()
    assert back.redo().edit(()).undo().present == TINY[1:]


def test_only_so_many_steps_are_kept():
    history = History()
    for units in range(1, MOST_STEPS + 11):
        history = history.edit((FLATTEN, dense(units)))
    assert len(history.past) == MOST_STEPS
    for _ in range(MOST_STEPS):
        history = history.undo()
    assert history.present == (FLATTEN, dense(10))


def values(rule):
    """Values that a rule accepts, its ends among them."""
    match rule:
        case Whole(lowest, highest):
            return st.integers(lowest, highest)
        case Size(lowest, highest):
            # Small ones, so that what follows is reached.
            whole = st.integers(lowest, min(highest, 8)) | st.integers(lowest, highest)
            return whole | st.tuples(whole, whole)
        case Real(lowest, limit):
            return st.floats(lowest, limit, exclude_max=True, allow_nan=False)
        case Choice(choices):
            return st.sampled_from(choices)


@st.composite
def edits(draw, stack):
    """A stack that one step makes of another."""
    operation = draw(st.sampled_from(["insert", "remove", "duplicate", "move", "set", "square"])) if stack else "insert"
    if operation == "insert":
        return editing.insert(stack, draw(st.integers(0, len(stack))), draw(st.sampled_from(sorted(OFFERS))))
    position = draw(st.integers(0, len(stack) - 1))
    match operation:
        case "move":
            return editing.move(stack, position, draw(st.integers(-1, len(stack))))
        case "square":
            return editing.set_square(stack, position, draw(st.booleans()))
        case "set":
            rules = KINDS[stack[position].class_name].arguments
            if not rules:
                return stack
            name = draw(st.sampled_from(sorted(rules)))
            return editing.set_argument(stack, position, name, draw(values(rules[name])))
    return getattr(editing, operation)(stack, position)


@given(st.data())
def test_any_sequence_of_edits_can_be_summarized_or_diagnosed_and_undone(data):
    start = STACKS[data.draw(st.sampled_from(sorted(STACKS)))]
    history = History(start)
    stacks = [start]
    for _ in range(data.draw(st.integers(1, 8))):
        stack = data.draw(edits(history.present))
        history = history.edit(stack)
        if stack != stacks[-1]:
            stacks.append(stack)
        for layer in stack:
            check_arguments(layer.class_name, layer.arguments)
        found = diagnose(stack)
        if found.reason is None:
            assert list(found.summaries) == summarize(stack)
            assert count_parameters(stack) == found.parameters <= MOST_PARAMETERS
        else:
            with pytest.raises(InvalidSettingError, match=r"must|needs"):
                summarize(stack)
            assert found.position is None or 0 <= found.position <= len(stack)
    for stack in reversed(stacks):
        assert history.present == stack
        history = history.undo()


@given(st.data())
def test_what_is_set_is_what_the_layer_then_takes(data):
    kind = data.draw(st.sampled_from([name for name, kind in KINDS.items() if kind.arguments]))
    name = data.draw(st.sampled_from(sorted(KINDS[kind].arguments)))
    value = data.draw(values(KINDS[kind].arguments[name]))
    (layer,) = editing.set_argument(editing.insert((), 0, kind), 0, name, value)
    assert value_of(layer, name) == value
    # What is the default is not written down.
    assert name not in layer.arguments or layer.arguments[name] != DEFAULTS.get(kind, {}).get(name) or value is False
