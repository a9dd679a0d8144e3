# 等待管理员审核的请求，以及被拒绝的请求累计之后会怎样。
prompt-held = ⏸ 这个请求要先由管理员看一下。如果最后不画，额度会退回。
prompt-held-shown = { $who }（{ $account }）在 { $chat } 提出了下面的请求，过滤器发现{ $category }。
    
    { $prompt }{ $negative }
prompt-held-negative = {"\u000A"}负面提示词：{ $words }
prompt-held-over = 这件事已经处理过了。
prompt-held-released = 已放行，正在排队。
prompt-held-deleted = 已拒绝，额度已退回。
prompt-held-refused = 管理员看过了，这个请求在这里不画。额度已退回。
prompt-held-expired = 一直没有管理员来看这个请求，所以不画了。额度已退回。
button-prompt-show = 👁 查看
button-prompt-release = ✅ 放行
button-prompt-delete = 🗑 拒绝
category-source = 改动别人的图片
category-picture = 不适合公开的图片

strike-counted = 这类请求会累计：{ $days } 天内再有 { $left } 次，就会有一段时间不能在这里画图。
strike-picture = 为你画的一张图不适合公开，没有发出来。
strike-timeout = { $where ->
    [here] 这类请求太多了，接下来 { DURATION($wait) }内不能在这里画图。
   *[everywhere] 接下来 { DURATION($wait) }内，你在任何聊天里都不能画图。
}
strike-banned = { $where ->
    [here] 这类请求太多了，你不能再在这里画图。
   *[everywhere] 你不能再在任何聊天里画图。
}如果觉得弄错了，请联系管理员。
ban-by-moderation = 多次提出这里不画的请求

strikes-none = { $where }没有任何违规记录。
strikes-title = { $where }的违规记录，新的在前：
strikes-line = • { $at }，{ $who }{ $chat }：{ $category }{ $words }
strikes-words = “{ $words }”
log-act-strike = 违规
log-act-prompt-held = 请求
log-state-held = 待审核
log-state-released = 已放行
log-state-refused = 已拒绝
log-moderation = 自动审核
