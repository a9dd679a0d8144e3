# Commands, first contact and refusals that are not faults of the grammar.
command-draw = Draw a picture from words
command-cancel = Stop your newest request
command-queue = Show the line and your place in it
command-quota = Show what is left of your credits
command-models = Show the models that can be drawn with
command-help = Show how to ask for a picture

help =
    I draw what you describe. Send, for example:
    /draw a red fox in the snow
    Reply to any picture with /draw and words, and I change that picture.

    Add what you like, anywhere in the text:
    --no blurry, text    what should not appear
    --ar 3:2    the shape, or --size 768x512
    --seed 42    the same seed draws the same picture
    --steps 30   --cfg 7   --sampler Euler a
    -n 4    several at once
    --strength 0.5    how much of a source picture changes
    --price    what it would cost, without drawing
    --hires    twice as large, drawn over in a second pass
    --seed 42 --vary 0.1    much like the picture of that seed
    {"{"}red|blue{"}"} fox    each picture draws one of the words

    Reply to a picture of mine with words, and I draw it changed: + snow, - people, other words, --steps 30, again, same seed.
    Under a picture: U larger, V a little different, 🎲 with another seed, ✏️ with other words, 📄 the original file, ℹ️ how it was made, 🗑 delete.
    Reply with /again, /vary or /upscale for another, a similar or a larger one, with /info for how it was made.
    A block of parameters from A1111’s web UI works too, and a picture file that carries one.
    /preset keeps words and flags under a name of your own.

    /queue shows the line, /quota your credits, /models the models, /cancel stops your newest request.
    /settings shows your defaults, /privacy what I keep of you, /forget deletes it.

unknown-command = I do not know /{ $command }. /help shows what I can do.
presence = { $model } · { $count ->
    [0] nobody in line
    [one] one request
   *[other] { $count } requests
}
presence-no-model = No model to draw with yet
queue-summary = { $waiting ->
    [0] Nobody is waiting
    [one] One request is waiting
   *[other] { $waiting } requests are waiting
}, { $drawing ->
    [0] nothing is being drawn.
    [one] one is being drawn.
   *[other] { $drawing } are being drawn.
}
queue-own = “{ $prompt }”: { $exact ->
    [no] around number
   *[yes] number
} { $place } in line, about { DURATION($wait) }. (/cancel { $job })
queue-own-drawing = “{ $prompt }”: being drawn now. (/cancel { $job })
queue-other = { $name }: number { $place } in line, about { DURATION($wait) }
queue-other-drawing = { $name }: being drawn now
queue-more = { $count ->
    [one] … and one more request of this chat.
   *[other] … and { $count } more requests of this chat.
}
somebody = somebody
quota-left = { $scope ->
    [person] You have { $left } of { $limit } credits left
    [member] In this chat you have { $left } of { $limit } credits left
    [chat] This chat has { $left } of { $limit } credits left
   *[all] Everybody together has { $left } of { $limit } credits left
} { $window ->
    [hour] this hour
   *[day] today
}. They are back in full in { DURATION($wait) }, at { $at }.
quota-no-limit = Nothing limits you here. Used today: { $used } credits.
quota-grant = Extra credits: { $left }{ $where ->
    [here] {" "}in this chat
   *[everywhere] {""}
}, { $until }.
quota-grant-stays = without an end
quota-grant-until = until { $at } ({ DURATION($wait) })
quota-tier = Your tier: { $tier }
quota-unit = One credit is a 512×512 picture of 20 steps.
quota-unlimited = You are an operator: no limit. Used today: { $used } credits.
queue-full-user = You already have { $most ->
    [one] a request
   *[other] { $most } requests
} waiting. Ask again when one is done, or /cancel one.
queue-full-chat = This chat already has { $most ->
    [one] a request
   *[other] { $most } requests
} waiting. Ask again in a moment.
models-title = { $count ->
    [one] One model:
   *[other] { $count } models:
}
models-line = • { $name } ({ $family }, { $hash }, { $size } px){ $default ->
    [yes] {" "}← default
   *[no] {""}
}
models-loras = LoRAs: { $names }
models-demo = This is the small demo model: it knows a few dozen simple things. Put a .safetensors checkpoint into models/checkpoints to draw everything else; I notice it by myself.
models-unusable = ✗ { $name }: { $reason }
model-is-pickle = this is a pickle, which can run programs when opened. `chatelier models convert` makes a .safetensors file of it.
model-header-broken = its header is broken; download it again.
model-truncated = the file ends too early; download it again.
model-unknown-family = this belongs to no Stable Diffusion 1.x, 2.x or SDXL that I know.
model-inpainting = this is an inpainting checkpoint, which cannot be used yet.
model-not-yet = this kind of checkpoint cannot be used yet.
model-is-folder = this is a folder with the name of a file; put the file itself there.
model-lora-unknown = this LoRA fits no model family that I know.
model-unreadable = it cannot be read; check its permissions, or where its link leads.

cancelled = Cancelled.
nothing-to-cancel = You have nothing waiting, and nothing that is being drawn.
already-over = It is over already.
cancel-not-found = No request of yours is called “{ $job }”. /queue shows them; /cancel alone stops the newest.
not-your-job = This is somebody else’s request.
button-unknown = This button no longer leads anywhere.
operators-only = Only an operator of this bot can do that.
store-unavailable = I cannot write anything down at the moment, so I cannot take this. Please try again in a few minutes.
unexpected = Something went wrong on my side, and I have noted it. Please try again later.
renderer-absent = I cannot draw at all at the moment: my renderer does not start. The operator finds the reason in the log, or with “chatelier check”.
store-failed = the picture could not be saved.
job-unreadable = my record of it is damaged.

chat-not-approved = Hello! Before I draw here, the operator of this bot has to approve this chat ({ $chat }): with the button I sent them, or with /admin chat allow here.
chat-unclaimed = Hello! Before I draw here, I need an operator. Whoever started me: send me, in a private chat, /claim and the code that I printed at the start.
chat-closed = I may not draw here until the operator of this bot approves this chat.
private-closed = In private I draw only for members of chats where I am approved. Ask me in such a chat first.
private-operators = In private I draw only for my operators.
private-unclaimed = I have no operator yet. If you started me, send /claim and the code that I printed at the start.
claim-local = On this page you are the operator already. To become it in a chat, send /claim to me there, in private.
claim-in-private = Send /claim to me in a private chat, not here.
claimed = You are my operator now. Add me to a group, and approve it there with /admin chat allow.
claim-refused = That code is not valid.
chat-named = “{ $title }” ({ $chat })
operator-asked = I was asked to draw in “{ $title }” ({ $chat }). Approve it?
chat-left = I am leaving that chat.

picture-too-large = The picture is larger than { $most } MB. Please send a smaller one.
picture-not-a-picture = That file is not a picture I can open. PNG, JPEG, WebP, GIF and BMP work.
picture-damaged = The picture is damaged and cannot be opened. Please send it again.
picture-too-many-pixels = The picture has { $width }×{ $height } pixels; { $most } megapixels is the most I open.
picture-too-thin = The picture is too long and thin to draw from.
picture-first-frame = Only the first frame of the animation is used.
