# 提示词过滤器的私下回复：只说类别，从不引用词语。
prompt-refused = 这里不能画这个：它涉及{ $category }。没有扣除任何额度。
prompt-refused-minors = 任何聊天里我都不会画涉及未成年人的性内容。这次请求已被记录。
prompt-refused-source = 不是我画的图片，我不会给其中的人脱衣、加上色情内容或加以羞辱。没有扣除额度，图片已删除。
prompt-refused-unreadable = 这段提示词我检查不过来：太长，或者交替和分段语法太多。请缩短一些，少用 [a|b] 和 [from:to:when]。
category-sexual = 色情内容
category-gore = 血腥内容
category-hate = 仇恨内容
category-self-harm = 自残或自杀
category-degrading = 辱骂或羞辱
category-other = 本聊天不欢迎的内容
picture-not-safe = 这张图看起来不太适合公开，这里不能用它来改图。
picture-not-inspected = 现在无法检查图片，所以暂时不能用图来画。请稍后再试。
pictures-dropped = { $all ->
    [1] 这张图不适合公开，就不发出来了，额度已退回。
   *[other] { $all } 张图里有 { $count } 张不适合公开，就不发出来了，相应额度已退回。
}
