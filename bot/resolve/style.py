"""The house style: words that the operator or a chat's admins add to every prompt (pure)."""

PLACE = "{prompt}"
"""Where a style has the member's words; a style without it follows them."""


def styled(prompt: str, style: str) -> str:
    """`prompt` in the house style. Words that it has already (a prompt that was styled before,
    and is asked for again) are not added twice."""
    before, place, after = (part.strip() for part in style.partition(PLACE))
    if not place:
        before, after = "", before
    if (not before or before in prompt) and (not after or after in prompt):
        return prompt
    if not place:
        return f"{prompt.rstrip(' ,')}, {after}"
    return style.replace(PLACE, prompt, 1).strip()
