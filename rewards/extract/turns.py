"""Tell the policy's own turn from the tasks, turns and examples that stand around it in what it wrote."""

from __future__ import annotations

import re

from rewards.patterns import Pattern

MAX_TASK = 15  # characters by which a task is told from another
_ROLES = Pattern(r"\A\s*(?:system\n.{0,4000}?\n)?user\n.*\n(?:assistant|model)(?:\n|\Z)", re.DOTALL)
# A task that is written out first, with what stands under it, and the reply that begins below: [Problem] ... [Response]
_TASK_FIRST = Pattern(
    r"\A\s*+[\[<*#]{0,4}[ \t]{0,8}(?:Problem|Question|Q|Prompt|Task|Instructions?|Exercise"
    r"|System|User|Human|问题|题目|問題)"
    r"(?:[ \t]{0,8}\d{1,3})?[ \t]{0,8}(?:[\]>*]{1,4}|[\]>*]{0,4}[ \t]{0,8}[:\uff1a])",
    re.IGNORECASE,
)
_REPLY = Pattern(
    r"(?:(?<=\n)[ \t]{0,8}[*#]{0,4}[ \t]{0,8}(?:Assistant|Response|Reply|AI|Bot|Model|回答|解答)"
    r"\*{0,3}[ \t]{0,8}[:\uff1a]\*{0,3}"
    r"|[\[<](?:Assistant|Response|Reply|AI|Bot|Model)[\]>]:?)",
    re.IGNORECASE,
)
# The same in the tokens of chat templates.
_TEMPLATE = Pattern(
    r"\A\s*+<\|(?:im_start|start_header_id)\|>\s{0,4}(?:system|user)\b|\A\s*+<\|(?:system|user)\|>|\A\s*+\[INST\]"
)
_TEMPLATE_REPLY = Pattern(
    r"<\|(?:im_start|start_header_id)\|>\s{0,4}(?:assistant|model)\s{0,4}(?:<\|end_header_id\|>)?|<\|assistant\|>|\[/INST\]"
)
_EXAMPLE_FIRST = Pattern(r"\A\s*+#{1,4}[ \t]{0,8}(?:\w{1,12}[ \t])?Examples?\b", re.IGNORECASE)
_THEN_TASK = Pattern(
    r"^#{1,4}[ \t]{0,8}(?:Your[ \t]|The[ \t])?(?:Task|Problem|Question|Test|Query)\b", re.MULTILINE | re.IGNORECASE
)
_RESPONSE = Pattern(
    r"^#{2,4}[ \t]*(?:Response|Output|Assistant|Answer|Reply|(?:My[ \t])?Solution)[ \t]*:?[ \t]*$"
    r"|^#{2,4}[ \t]*Response:",
    re.MULTILINE | re.IGNORECASE,
)
_INSTRUCTION = Pattern(r"^#{2,4}[ \t]*(?:Instruction|Input|Example|Problem|Question)\b", re.MULTILINE)
_OUT_OF_TURN = Pattern(
    r"<\|(?:im_start|im_end|endoftext|eot_id|start_header_id|end_of_text|user|assistant)\|?>|</s>"
    r"|\n[ \t]{0,8}(?:Human|User):"
)
_NOW = Pattern(
    r"^[ \t*#]{0,8}(?:and\s)?now,?\s(?:(?:to|for)\s)?(?:the|my)\s(?:actual|real|given|new)\s"
    r"(?:task|question|problem|exercise)\b",
    re.IGNORECASE | re.MULTILINE,
)
_NEXT_TASK = Pattern(
    r"\n[ \t]{0,8}(?:#{1,4}[ \t]*)?(?:\*\*)?(?:Question|Q|Problem|Exercise|Input|Instruction|Human|User)"
    r"(?:[ \t]*\d{1,3})?(?:\*\*)?[ \t]*:"
)
_ANSWERED = Pattern(
    r"\\boxed|####|\b(?:answer|result)\b[^\n]{0,30}(?:is|:|=)|</answer>|\A\s*(?!#)[^\n]{0,60}[^\n\s:]\s*\Z",
    re.IGNORECASE,
)


def own_turn(text: str) -> str:
    r"""Begin after an echoed prompt's last marker, and end where another task or another speaker begins.

    Example:
        >>> own_turn("User: What is 6*7?\nAssistant: 42\nUser: Thanks.")
        ' 42'
    """
    if (role := _ROLES.match(text)) is not None:
        text = text[role.end() :]
    for task_first, reply in ((_TASK_FIRST, _REPLY), (_TEMPLATE, _TEMPLATE_REPLY), (_EXAMPLE_FIRST, _THEN_TASK)):
        if task_first.match(text) is not None:
            text = text[max((found.end() for found in reply.finditer(text)), default=0) :]
    if _INSTRUCTION.search(text):
        answers = list(_RESPONSE.finditer(text))
        if answers and _INSTRUCTION.search(text, 0, answers[-1].start()):
            text = text[answers[-1].end() :]
    turn = _OUT_OF_TURN.search(text)
    if turn is not None and turn.start() > 0:
        text = text[: turn.start()]
    for now in list(_NOW.finditer(text))[-1:] if "ow" in text else ():  # what stands before was an example
        text = text[now.start() :]
    task = _NEXT_TASK.search(text)
    if task is not None and _ANSWERED.search(text[: task.start()]):
        text = text[task.start() :] if _asks_again(text, task) else text[: task.start()]
    return text


def _asks_again(text: str, task: re.Match[str]) -> bool:
    """Tell whether a task is the one that the text begins with: what stands between them was echoed, too."""
    first = _TASK_FIRST.match(text)
    if first is None:
        return False
    once, again = (text[place : place + MAX_TASK].strip() for place in (first.end(), task.end()))
    return bool(once) and once == again
