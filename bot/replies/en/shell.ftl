# Only on the command line
shell-queue-drawing = { $job }, of { $account } in { $chat }: being drawn now
shell-queue-waiting = { $job }, of { $account } in { $chat }: number { $place } in line, about { DURATION($wait) }
shell-queue-more = { $count ->
    [one] … and one more request.
   *[other] … and { $count } more requests.
}
