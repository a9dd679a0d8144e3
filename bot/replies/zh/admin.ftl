# 管理员收到的话：命令哪里不对，以及改动了什么。

# 命令有误
admin-usage =
    群管理员可以在本群使用：
    /admin quota @小安 50/天    也可以写 20/小时、无限、默认
    /admin quota chat 200/天    整个群的限额
    /admin grant @小安 20 7天    额外赠送，7 天内有效
    /admin ban @小安 2天 刷屏    解封用 /admin unban @小安
    /admin pause 正在换规则    恢复用 /admin resume
    /admin status、/admin log
    不写 @小安 也可以：回复对方的消息，或写 telegram:123。

    只有机器人管理员可以：
    /admin tier @小安 patron、/admin link telegram:123 discord:456、/admin unlink telegram:123
    /admin quota all 2000/天、/admin drain、/admin chat allow、chat deny、chat list
    命令后加 --everywhere，对所有聊天生效。
admin-unknown = 没有 /admin { $asked } 这个命令。可用的有：{ $known }。
admin-unknown-near = 没有 /admin { $asked } 这个命令。是想写 { $near } 吗？
admin-which = 要用哪一个：{ $known }？
admin-example = 请这样写：{ $example }
admin-left-over = 看不懂其中的“{ $rest }”。
admin-no-scope = /admin { $act } 不能加 --everywhere 或 --chat。
admin-two-scopes = --everywhere 和 --chat 只能选一个。
admin-whom = 指的是谁？请回复对方的一条消息、@对方，或者写 telegram:123。
admin-both = 要关联哪两个账号？请都写上，例如 telegram:123 discord:456。
admin-target-unclear = 你回复了一个人，又提到了另一个人。请先写明是谁，再写其余内容。
admin-which-platform = 看不出 { $asked } 是哪个平台的，请写成 telegram:{ $asked } 或 discord:{ $asked }。
admin-chat-no-member = { $asked } 是聊天，不是成员。
admin-bad-chat = “{ $chat }”不是聊天编号。编号形如 -1001234567890 或 discord:1234567890。
admin-amount-missing = 多少额度？
admin-amount-unclear = 看不懂“{ $asked }”。请写 50/天、20/小时、无限 或 默认。
admin-amount-negative = 额度不能是负数（{ $asked }）。想禁止某人使用，请用 /admin ban。
admin-amount-zero = { $asked } 等于一点都不给。想禁止某人使用，请用 /admin ban。
admin-amount-absurd = { $asked } 太多了，最多 100 万点。不想限制就写“无限”。
admin-credits-unclear = 赠送的额度只写一个数字，例如 20。
admin-duration-unclear = 看不懂时间“{ $asked }”。请写 2天、1小时30分钟 或 永久，空一格再写原因；最长十年。
admin-count-range = “{ $asked }”不是 1 到 { $most } 之间的数字。
admin-tier-missing = 哪个等级？

# 不允许
admins-only = 只有本群的管理员可以这样做。
admin-operators-only = 只有机器人的管理员可以用 /admin { $act }。
admin-not-everywhere = 你只是这个群的管理员，所以只能在本群生效。
admin-not-yourself = 不能对自己这样做，请找其他管理员。
admin-not-me = 那是我自己。我没有限额，封了我可就没人画图了。
admin-no-chat-here = 哪个聊天？请在那个聊天里发送，或写上编号：telegram:-1001234567890。

# 哪些聊天
admin-chat-changed = { $chat }：{ $before ->
    [allowed] 已允许
    [denied] 未允许
   *[unknown] 未知
} → { $after ->
    [allowed] 已允许
   *[denied] 未允许
}。
admin-chat-already = { $chat } 本来就是{ $state ->
    [allowed] 已允许
   *[denied] 未允许
}。
admin-no-chats = 还没有聊天来申请。
admin-chat-line = • { $chat }“{ $title }”：{ $state ->
    [allowed] 已允许
   *[denied] 未允许
}
