# Pictures that wait for an admin, and reports of members.
pictures-held = { $all ->
    [one] The picture may not be safe for work, so an admin looks at it first. If nobody releases it, your credits come back.
   *[other] { $count } of { $all } pictures may not be safe for work, so an admin looks at them first. For what is not released, your credits come back.
}
held-check-ask = { $count ->
    [one] A picture that { $name } asked for may not be safe for work. It waits
   *[other] { $count } pictures that { $name } asked for may not be safe for work. They wait
} for an admin of this chat. “Look” sends { $count ->
    [one] it
   *[other] them
} to your private chat with me.
held-report-ask = A member reported { $count ->
    [one] a picture that { $name } asked for. It is hidden
   *[other] { $count } pictures that { $name } asked for. They are hidden
} until an admin of this chat decides. “Look” sends { $count ->
    [one] it
   *[other] them
} to your private chat with me.
held-report-told = This result was reported, so it is hidden until an operator has looked at it.
held-check-aside = This picture may not be safe for work and waits for you. { $name } asked for it in { $chat }: { $prompt }
held-report-aside = This picture was reported and waits for you. { $name } asked for it in { $chat }: { $prompt }
held-covered = Hidden: this was reported, and an admin looks at it.
held-stays = This was reported, and I may neither delete nor change my message. Please delete it, or ask an admin of this chat to.
held-deleted-told = { $count ->
    [one] A picture was not released, so it is deleted. Its credits are back.
   *[other] { $count } pictures were not released, so they are deleted. Their credits are back.
}
held-released = { $count ->
    [one] Released. I am sending it to the chat.
   *[other] Released. I am sending all { $count } to the chat.
}
held-deleted = { $count ->
    [one] Deleted; its credits are given back.
   *[other] All { $count } are deleted; their credits are given back.
}
held-released-by = ✅ Released by { $name }.
held-deleted-by = 🗑 Deleted by { $name }.
held-already-released = This was released already.
held-already-deleted = This was deleted already.
held-already-over = Nothing waits here any more.
held-admins-only = Only the admins of that chat can decide about this.
held-look-sent = Sent to your private chat with me. If nothing arrives there, write to me first and press again.
button-look = 👁 Look
button-release = ✅ Release
button-discard = 🗑 Delete

command-report = Report a picture of mine that does not belong here
report-taken = Thank you. It is hidden, and the admins look at it.
report-again = You have reported this one before. An admin decides about it.
report-too-many = You have reported { $most } results within an hour, and more do not fit. For something urgent, write to an admin.
report-hidden-already = It is hidden already.
report-how = Reply with /report to a picture of mine that does not belong here: it is hidden at once, and the admins look at it.
report-off = Reports are switched off here. Please write to an admin.
report-local = There is nobody here to report to: whoever sees this page runs me.

log-act-picture = picture of
log-act-report = reported picture of
log-state-shown = shown
log-state-deleted = deleted
