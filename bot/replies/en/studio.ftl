# The page of the local studio. `studio-page-…` goes to the page as it is and has no variables.
studio-page-place = local studio
studio-page-log = Chat
studio-page-gallery = Gallery
studio-page-views = Views
studio-page-message = Your message
studio-page-placeholder = Describe a picture, or type /
studio-page-send = Send
studio-page-attach = Attach a picture
studio-page-remove = Remove
studio-page-drop = Drop the picture here
studio-page-commands = Commands
studio-page-empty-title = What shall I draw?
studio-page-empty-text = Describe it in your own words, or begin with one of these.
studio-page-empty-tip = Drop a picture here and I start from it; reply to one of mine and I draw it changed.
studio-page-example-1 = /draw a red apple
studio-page-example-2 = /draw a penguin in the snow
studio-page-example-3 = /draw a cat on the beach
studio-page-you = You
studio-page-reply = Reply
studio-page-reply-hint = Draw this picture changed
studio-page-replying = Same settings: other words, + snow, - people, or “again”. /draw starts from the picture itself.
studio-page-show-all = Show all
studio-page-quoted = In reply to this picture
studio-page-original = Original
studio-page-original-hint = Download the original PNG, with its parameters inside
studio-page-picture = Picture
studio-page-parameters = Parameters
studio-page-seed = Seed
studio-page-enlarge = Enlarge the picture
studio-page-reveal = Show the hidden picture
studio-page-close = Close
studio-page-search = Search the pictures
studio-page-search-hint = Words, seed or model
studio-page-more = Show more
studio-page-previous = Previous picture
studio-page-next = Next picture
studio-page-nothing-drawn = Nothing has been drawn here yet.
studio-page-nothing-fits = No picture fits that.
studio-page-waiting = One moment …
studio-page-progress = How much is drawn
studio-page-preview = Preview
studio-page-picture-gone = This picture is not kept any more.
studio-page-not-a-picture = This file is not a picture. PNG, JPEG and WebP work.
studio-page-send-failed = That did not get through. Is Chatelier still running?
studio-page-lost = Connection lost, trying again …
studio-page-newer = Newer messages
studio-page-demo-title = Drawn by the small demo model
studio-page-demo-text = It is tiny and knows a few dozen simple things. For everything else, put a Stable Diffusion checkpoint (.safetensors) into the folder models/checkpoints.
studio-page-demo-dismiss = Got it
studio-page-login-text = This studio has a password.
studio-page-password = Password
studio-page-log-in = Log in
studio-page-needs-script = This page needs JavaScript.

studio-member = You
studio-pictures = { $count ->
    [one] { $count } picture
   *[other] { $count } pictures
}
studio-found = { $count ->
    [one] { $count } picture found
   *[other] { $count } pictures found
}
studio-too-large = This picture is larger than { $most } MB. Please send a smaller one.
studio-unreadable = The page sent something that I cannot read. Please reload it.
studio-log-in-again = Please log in again.
studio-wrong-password = That is not the password.
studio-guess-later = Too many wrong guesses. Please wait { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
} and try again.
