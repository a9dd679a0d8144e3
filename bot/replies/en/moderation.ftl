# What the prompt filter says, in private. A category is named, never a word.
prompt-refused = I will not draw this here: the request touches on { $category }. Nothing was charged.
prompt-refused-minors = I never draw sexual content together with minors, in any chat. This request is recorded.
prompt-refused-source = I do not undress, sexualise or degrade people in pictures that I did not draw myself. Nothing was charged, and the picture is deleted.
prompt-refused-unreadable = This prompt takes more checking than I can do: it is too long, or has too many alternations and schedules. Fewer words, [a|b] and [from:to:when] will do.
category-sexual = sexual content
category-gore = gore
category-hate = hate
category-self-harm = self-harm
category-degrading = insults or degradation
category-other = something that this chat does not want
picture-not-safe = This picture may not be safe for work, so I do not start from it here.
picture-not-inspected = I cannot look at pictures at the moment, so I cannot start from one. Please try again later.
pictures-dropped = { $all ->
    [one] The picture turned out not to be safe for work, so it is not shown. Your credits are back.
   *[other] { $count } of { $all } pictures turned out not to be safe for work, so they are not shown. Their credits are back.
}
