"""Classes that a row's own code defines: each side has its own, and instances cross by what they hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.code_tests import code_tests
from rewards.interface import Sample
from sandbox.codec import dumps, encode, loads
from sandbox.decoding import decode
from sandbox.rare import CodecError
from sandbox.tables import INSTANCE, Table

PROMPT = """
from typing import *
from collections import *

class ListNode:
    def __init__(self, val=0, next=None):
        self.val = val
        self.next = next

class TreeNode:
    def __init__(self, val=0, left=None, right=None):
        self.val = val
        self.left = left
        self.right = right

def list_node(values: list):
    head = last = ListNode()
    for value in values:
        last.next = ListNode(value)
        last = last.next
    return head.next

def tree_node(values: list):
    if not values:
        return None
    root = TreeNode(values[0])
    queue = deque([root])
    for place in range(1, len(values), 2):
        node = queue.popleft()
        node.left, node.right = (v if v is None else TreeNode(v) for v in (*values[place : place + 2], None)[:2])
        queue += filter(None, (node.left, node.right))
    return root

def is_same_list(p1, p2):
    while p1 and p2:
        if p1.val != p2.val:
            return False
        p1, p2 = p1.next, p2.next
    return p1 is None and p2 is None

def is_same_tree(p, q):
    if not p or not q:
        return p is q
    return p.val == q.val and is_same_tree(p.left, q.left) and is_same_tree(p.right, q.right)
"""
OWN = "class ListNode:\n    def __init__(self, val=0, next=None):\n        self.val, self.next = val, next\n"
REVERSE = """
class Solution:
    def answer(self, head):
        before = None
        while head:
            head.next, before, head = before, head, head.next
        return before
"""
REVERSED = """
assert is_same_list(candidate(head=list_node([1, 2, 3])), list_node([3, 2, 1]))
assert is_same_list(candidate(head=list_node([7, 8])), list_node([8, 7]))
"""
LONG = f"assert is_same_list(candidate(list_node({[*range(3000)]})), list_node({[*range(2999, -1, -1)]}))"
HONEST = {
    "a list": (REVERSE, REVERSED),
    "a class of its own": (OWN + REVERSE, REVERSED),
    "a long list": (REVERSE, LONG),
    "a tree": (
        """
class Solution:
    def answer(self, root):
        if root:
            root.left, root.right = self.answer(root.right), self.answer(root.left)
        return root
""",
        "assert is_same_tree(candidate(tree_node([4, 2, 7, 1, 3])), tree_node([4, 7, 2, None, None, 3, 1]))",
    ),
    "a cycle": (
        """
class Solution:
    def answer(self, head):
        slow = fast = head
        while fast and fast.next:
            slow, fast = slow.next, fast.next.next
            if slow is fast:
                return True
        return False
""",
        """
a = list_node([1, 2, 3])
a.next.next.next = a.next
assert candidate(a) is True and not candidate(list_node([1]))
""",
    ),
    "a change in place": (
        """
class Solution:
    def answer(self, head):
        head.next, head.next.next = head.next.next, None
        head.val = ListNode(head.val)
""",
        """
a = list_node([1, 2, 3])
assert candidate(a) is None
assert (a.val.val, a.next.val, a.next.next) == (1, 3, None)
""",
    ),
    "the same instance back": (
        "class Solution:\n    def answer(self, root, p):\n        return p",
        "t = tree_node([3, 5, 1])\nassert candidate(t, t.left) is t.left\nassert candidate(t, t) is t",
    ),
    "instances in a list": (
        "class Solution:\n    def answer(self, lists):\n        return [one.next for one in lists]",
        """
a, b = list_node([1, 2]), list_node([3, 4])
assert [n.val for n in candidate([a, b])] == [2, 4]
assert candidate([a])[0] is a.next
""",
    ),
}
EXPLOITS = {
    "answers what was made last": """
made = []
class ListNode:
    def __init__(self, val=0, next=None):
        made.append(self)
        self.held = val
    val = property(lambda self: made[-1].held)
    next = property(lambda self: None if self is made[-1] else made[-1], lambda self, value: None)
class Solution:
    def answer(self, head):
        return ListNode()
""",
    "changes the class when called": """
class Solution:
    def answer(self, head):
        node = ListNode(1)
        def made(self, val=0, next=None, was=ListNode.__init__):
            was(self, val, next)
            node.val, node.next = val, next
        ListNode.__init__ = made
        return node
""",
    "a value that is equal to all": """
class Same(int):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
class Solution:
    def answer(self, head):
        return ListNode(Same(0), ListNode(Same(0)))
""",
    "an instance of a derived class": """
class Node(ListNode):
    __getattribute__ = lambda self, name: self
    __eq__ = lambda self, other: True
    __bool__ = lambda self: False
class Solution:
    def answer(self, head):
        return Node()
""",
    "another name in its place": """
class Everything:
    __eq__ = lambda self, other: True
    __getattr__ = lambda self, name: self
ListNode = Everything
class Solution:
    def answer(self, head):
        return Everything()
""",
    "a helper of its own": """
is_same_list = lambda p1, p2: True
list_node = lambda values: None
class Solution:
    def answer(self, head):
        return None
""",
}


def scored(code, test, prompt=PROMPT):
    test = "def check(candidate):\n" + "".join(f"    {line}\n" for line in test.strip().splitlines())
    row = {"prompt": prompt, "entry_point": "Solution().answer", "test": test, "limits": {"time_limit_s": 2}}
    return code_tests(Sample("1", "", f"```python\n{code}\n```", row))


@pytest.mark.parametrize(("code", "test"), HONEST.values(), ids=HONEST)
def test_honest(code, test):
    """What works on a contest site earns all."""
    reward = scored(code, test)
    assert reward.value == 1.0, reward.verdicts[0]


@pytest.mark.parametrize("code", EXPLOITS.values(), ids=EXPLOITS)
def test_a_class_of_the_submissions_decides_nothing(code):
    """What a test compares is made of values, by the row's own classes."""
    assert scored(code, REVERSED).value == 0.0


def test_partly_wrong():
    """A list that is wrong is wrong."""
    code = REVERSE.replace("return before", "return before if before.val == 3 else None")
    assert scored(code, REVERSED).value == 0.5


def test_a_class_with_methods_may_be_the_submissions_to_extend():
    """What the tests call need not be in the prompt."""
    prompt = f"{PROMPT}\nclass Shape:\n    def __init__(self, side):\n        self.side = side\n"
    prompt += "    def sides(self):\n        return 4\n"
    code = "class Solution:\n    def answer(self, side):\n        return Shape(side)\n"
    code += "Shape.area = lambda self: self.side**2"
    assert scored(code, "assert candidate(3).area() == 9 and candidate(2).sides() == 4", prompt).value == 1.0


class Pair:
    """Hold two things."""

    def __init__(self, left, right):
        self.left, self.right = left, right

    def shown(self):
        """Do what no attribute may do."""


@given(st.recursive(st.integers() | st.text(), lambda inner: st.builds(Pair, inner, inner) | st.lists(inner)))
def test_any_instances_come_back_equal(value):
    """Whatever holds what."""

    def shape(value):
        if isinstance(value, Pair):
            return ("pair", shape(value.left), shape(value.right))
        return [shape(item) for item in value] if isinstance(value, list) else value

    table = Table({"Pair": Pair})

    def node(value):
        return encode(value, lambda value: table.node(value) or [])

    frame = dumps([node(value), table.nodes(node)])
    told, nodes = loads(frame)
    there = Table({"Pair": Pair})

    def read(node):
        return decode(node, there.item)

    there.read(nodes, read)
    assert shape(read(told)) == shape(value)


@pytest.mark.parametrize(
    "nodes",
    [
        None,
        [],
        [["Other", []]],
        [["Pair", [["__class__", 1]]]],
        [["Pair", [[7, 1]]]],
        [["Pair", [["shown", 1]]]],
        [["Pair", [["left", [INSTANCE, 9]]]]],
        [["Pair", [["left", [INSTANCE, -1]]]]],
        [["Pair", [["left", [INSTANCE]]]]],
    ],
)
def test_a_forged_table_is_refused(nodes):
    """It holds instances of the classes in question, with attributes, and nothing else."""
    table = Table({"Pair": Pair})
    table.node(Pair(1, 2))
    with pytest.raises(CodecError):
        table.read(nodes, lambda node: decode(node, table.item))
