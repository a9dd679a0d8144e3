# What is wrong with a request, and what was changed in it.

# Flags
fault-ambiguous-s = { $flag } is ambiguous here: use --seed, --steps or --sampler.
fault-flag-unknown = There is no { $flag }. These exist: { $known }.
fault-flag-unknown-near = There is no { $flag }. Did you mean { $near }?
fault-flag-empty = { $flag } needs a value, such as { $example }.
fault-flag-value = “{ $flag } { $asked }” is not understood. Write it like { $example }.
fault-more = { $count ->
    [one] … and { $count } more mistake of this kind.
   *[other] … and { $count } more mistakes of this kind.
}
note-flag-twice = { $flag } was given more than once; the last one counts.
note-midjourney-flags = Left out, as it means something only in Midjourney: { $flags }.

# Prompts
fault-prompt-empty = What shall I draw? Write it behind the command, for example: /draw a red fox in the snow
fault-prompt-empty-image = What shall become of this picture? Write it behind the command, for example: /draw make it night
fault-prompt-long = The prompt has { $length } characters; at most { $most } fit.
fault-negative-long = The negative prompt has { $length } characters; at most { $most } fit.
fault-prompt-chunks = This prompt is too much to take in at once: at most { $most } parts of 75 tokens fit, and each BREAK begins a new part.
note-network-ignored = { $tag } was left out: hypernetworks are not supported.
note-network-negative = { $name } has no effect in the negative prompt: LoRAs belong into the prompt.
note-lora-partial = The LoRA { $name } fits in part: { $fitting } of its { $layers } layers have a place in this kind of checkpoint.
fault-lora-weight = A weight of { $asked } for the LoRA { $name } makes no picture. Choose -{ $most } to { $most }; 1 is usual.
fault-lora-blocks = “{ $asked }” are no block weights for the LoRA { $name }. Write 12, 17, 20 or 26 numbers with commas between, or one of NONE, ALL, INS, IND, INALL, MIDD, OUTD, OUTS, OUTALL, or a block such as IN02.
note-lora-extra = LoRA { $name } is used with its plain weight; “{ $extra }” was left out.
note-paste-value = “{ $key }: { $asked }” is not known here and was left out.
note-paste-unknown = Left out, not known here: { $keys }

# Numbers
fault-steps-range = { $asked } steps cannot be drawn. Choose 1 to { $most }.
fault-count-range = { $asked } pictures cannot be drawn. Choose 1 to { $most }.
fault-cfg-range = A CFG scale of { $asked } makes no picture. Choose 0 to 30; 7 is usual.
fault-clip-skip-range = Clip skip { $asked } does not exist. Choose 1 to { $most }; 1 skips nothing.
fault-strength-percent = A strength of { $asked } is unclear. Did you mean { $meant }? { $asked }% works too.
fault-strength-range = A strength of { $asked } does not exist. It is above 0 and at most 1, such as 0.6 or 60%.
fault-seed-range = { $asked } is no seed. Seeds are whole numbers from 0 to { $most }; -1 or random draws one.
note-seed-wrapped = Seeds begin again after { $most }, so { $asked } is the same as { $used }.
fault-side-range = { $side ->
    [width] A picture cannot be { $asked } pixels wide.
   *[height] A picture cannot be { $asked } pixels high.
}
note-steps-clamped = { $asked } steps became { $most }, the most that is drawn here.
note-count-clamped = { $asked } pictures became { $most }, the most for one request here.
note-size-limit = { $asked } became { $used }: sides measure { $least } to { $most } pixels here{ $megapixels }.
note-size-area = , with at most { $megapixels } megapixels in all
note-size-multiple = { $asked } became { $used }: this checkpoint needs multiples of { $multiple }.
note-strength-unused = The strength has no effect without a picture to start from.

# Names
fault-sampler-unknown = No sampler is called “{ $asked }”. Known are: { $known }.
fault-sampler-unknown-near = No sampler is called “{ $asked }”. Did you mean { $near }?
fault-sampler-missing = The sampler { $asked } is not available here. Choose one of: { $known }.
fault-schedule-unknown = The schedule “{ $asked }” is not available here. Choose one of: { $known }.
fault-name-unknown = { $kind ->
    [checkpoint] No checkpoint is called “{ $asked }”. There are: { $known }.
    [vae] No VAE is called “{ $asked }”. There are: { $known }.
    [refiner] No refiner is called “{ $asked }”. There are: { $known }.
   *[lora] No LoRA is called “{ $asked }”. There are: { $known }.
}
fault-name-unknown-near = { $kind ->
    [checkpoint] No checkpoint is called “{ $asked }”. Did you mean { $near }?
    [vae] No VAE is called “{ $asked }”. Did you mean { $near }?
    [refiner] No refiner is called “{ $asked }”. Did you mean { $near }?
   *[lora] No LoRA is called “{ $asked }”. Did you mean { $near }?
}
fault-name-ambiguous = “{ $asked }” may mean any of these; write more of the name: { $known }.
fault-name-none = { $kind ->
    [checkpoint] There is no checkpoint “{ $asked }”; none is installed here.
    [vae] There is no VAE “{ $asked }”; none is installed here.
    [refiner] There is no refiner “{ $asked }”; none that suits this checkpoint is installed here.
   *[lora] There is no LoRA “{ $asked }”; none is installed here.
}
fault-no-checkpoints = There is no checkpoint to draw with yet. Please tell the operator of this bot.
fault-family = { $kind ->
    [embedding] “{ $name }” in the prompt is an embedding made for { $family }; it does not fit the checkpoint { $checkpoint } ({ $needs }). Leave the word out, or choose another checkpoint.
   *[other] { $name } is made for { $family } and does not fit the checkpoint { $checkpoint } ({ $needs }).
}
fault-feature = { $feature ->
    [hires] Hires fix is not available on this installation yet.
    [lora] LoRAs are not available on this installation yet.
    [vae] Choosing a VAE is not available on this installation yet.
    [clip_skip] Clip skip is not available on this installation yet.
    [refiner] Refiners are not available on this installation yet.
   *[other] { $feature } is not available on this installation yet.
}
note-feature = { $feature ->
    [hires] Drawn without hires fix, which is not available here yet.
    [lora] Drawn without LoRAs, which are not available here yet.
    [vae] Drawn with the checkpoint’s own VAE; another one cannot be chosen here yet.
    [clip_skip] Drawn without clip skip, which is not available here yet.
    [refiner] Drawn without a refiner, which is not available here yet.
   *[other] Drawn without { $feature }, which is not available here yet.
}
note-checkpoint-missing = The checkpoint { $asked } is not here; { $used } is used instead.
note-name-missing = { $kind ->
    [vae] The VAE { $asked } is not here; the checkpoint’s own is used.
   *[lora] The LoRA { $asked } is not here and was left out.
}
note-sampler-missing = The sampler { $asked } is not available here; { $used } is used instead.
note-schedule-missing = The schedule { $asked } is not available here; { $used } is used instead.
