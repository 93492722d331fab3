"""Bodies of real shape with something wrong in them, for property tests of parsers."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**63, -(2**63), 2**64, 10**400, -1, 0]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["", "\x00", "\u202e", "9" * 5000, "²", "١٢٣"]),
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def mutated(draw: st.DrawFn, bodies: Sequence[bytes]) -> bytes:
    """Draw a body with values replaced or removed, or with its bytes damaged."""
    body = draw(st.sampled_from(bodies))
    if draw(st.booleans()):
        return _with_damaged_bytes(draw, body)
    tree: Any = json.loads(body)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(tree))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        if draw(st.booleans()):
            holder[key] = draw(_VALUES)
        else:
            del holder[key]
    return json.dumps(tree, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


def _with_damaged_bytes(draw: st.DrawFn, body: bytes) -> bytes:
    start = draw(st.integers(0, len(body)))
    stop = draw(st.integers(start, len(body)))
    middle = draw(
        st.one_of(
            st.binary(max_size=12),
            st.just(b"[" * 5000),
            st.just(b'{"a":' * 5000),
            st.just(b"1" * 5000),
            st.just(rb'"\ud800"'),
        )
    )
    return body[:start] + middle + body[stop:]


def _places(tree: object) -> list[tuple[Any, Any]]:
    """Return every (holder, key) in a tree of dicts and lists."""
    keys: Sequence[Any]
    if isinstance(tree, dict):
        keys = list(tree)
    elif isinstance(tree, list):
        keys = range(len(tree))
    else:
        return []
    return [place for key in keys for place in [(tree, key), *_places(tree[key])]]
