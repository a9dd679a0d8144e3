# The messages of a job: status, caption, how it ended.
status-next = 🎨 You are next, about { DURATION($wait) }, for { $price }.
status-queued = ⏳ Number { $place } in line, about { DURATION($wait) }, for { $price }.
status-queued-far = ⏳ Around number { $place } in line, about { DURATION($wait) }, for { $price }.
status-started = 🎨 Drawing …
status-drawing = 🎨 { $bar } { $percent } %
status-drawing-eta = 🎨 { $bar } { $percent } %, { DURATION($left) } left
caption-seed = seed { $seed }
caption-steps = { $steps ->
    [one] { $steps } step
   *[other] { $steps } steps
}
caption-strength = strength { $strength }
seconds = { $n } s
minutes = { $n } min
clock = { CLOCK($at, $zone) }
date = { DATE($at, $zone) }, { CLOCK($at, $zone) }
hours = { $hours } h{ $minutes ->
    [0] {""}
   *[other] {" "}{ $minutes } min
}
days = { $days } d{ $hours ->
    [0] {""}
   *[other] {" "}{ $hours } h
}
button-cancel = ⛔ Cancel
button-approve = ✅ Approve
button-leave = 🚪 Leave
job-cancelled = Cancelled. What was not drawn is back on your account.
job-failed = This picture could not be drawn: { $reason } Your credits are back. (Report { $incident })
result-lost = This picture was drawn, but its file is gone from the disk. Your credits are back.
result-unsendable = The picture is drawn, but this chat does not accept it in any form. Your credits are back.
render-failed = something went wrong in the renderer.
render-out-of-memory = the graphics memory is too small for it; a smaller size may work.
render-model-unavailable = its model cannot be loaded at the moment.
render-prompt-too-long = its prompt is too long; each vector of an embedding counts like a word.
render-timeout = drawing took far too long and was stopped.
render-died = the renderer stopped twice while drawing it.
render-bad-output = the model returned a blank picture; another seed or sampler may work.
inspection-failed = it could not be checked whether it may be shown; the operator can see why in the log.
