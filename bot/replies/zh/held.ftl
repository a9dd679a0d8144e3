# 等待管理员审核的图片，以及成员的举报。
pictures-held = { $all ->
    [1] 这张图可能不宜公开，先请管理员看一下。如果没有放行，额度会退回。
   *[other] { $all } 张图里有 { $count } 张可能不宜公开，先请管理员看一下。没有放行的，额度会退回。
}
held-check-ask = { $name } 要的 { $count } 张图可能不宜公开，正等本群管理员决定。点“查看”，我会把图私下发给你。
held-report-ask = 有成员举报了 { $name } 要的 { $count } 张图，已经隐藏，等本群管理员决定。点“查看”，我会把图私下发给你。
held-report-told = 这个结果被举报，先隐藏起来，等运营者看过再说。
held-check-aside = 这张图可能不宜公开，等你决定。{ $name } 在 { $chat } 里要的：{ $prompt }
held-report-aside = 这张图被举报了，等你决定。{ $name } 在 { $chat } 里要的：{ $prompt }
held-covered = 已隐藏：有人举报了这张图，管理员正在查看。
held-stays = 这条结果被举报了，但我既不能删除也不能修改这条消息。请自行删除，或请管理员删除。
held-deleted-told = 有 { $count } 张图没有获准显示，已经删除，相应额度已退回。
held-released = 已放行，{ $count } 张图正在发到群里。
held-deleted = 已删除 { $count } 张图，额度退回给对方。
held-released-by = ✅ { $name } 已放行。
held-deleted-by = 🗑 { $name } 已删除。
held-already-released = 之前已经放行了。
held-already-deleted = 之前已经删除了。
held-already-over = 这里没有等待处理的图了。
held-admins-only = 只有那个群的管理员可以决定。
held-look-sent = 已经私下发给你。如果没收到，请先给我发一条私信，再点一次。
button-look = 👁 查看
button-release = ✅ 放行
button-discard = 🗑 删除

command-report = 举报我画的、不该出现在这里的图
report-taken = 谢谢，图已隐藏，管理员会来查看。
report-again = 这个结果你已经举报过了，由管理员决定。
report-too-many = 一小时里你已经举报了 { $most } 个结果，先到这里。要紧的事请直接联系管理员。
report-hidden-already = 已经隐藏了。
report-how = 看到我画的图不该出现在这里，就回复那张图并发送 /report：图会马上隐藏，管理员会来查看。
report-off = 这里没有开启举报，请直接联系管理员。
report-local = 这里没有可以举报的对象：能看到这个页面的人就是运行我的人。

log-act-picture = 图片，来自
log-act-report = 被举报的图片，来自
log-state-shown = 已显示
log-state-deleted = 已删除
