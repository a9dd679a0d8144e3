# Buttons under a result, and what they answer.
button-about-upscale = { $number ->
    [0] Draw it larger
   *[other] Draw picture { $number } larger
}
button-about-vary = { $number ->
    [0] Draw it a little differently
   *[other] Draw picture { $number } a little differently
}
button-about-again = Draw again with another seed
button-about-edit = Change the words and draw again
button-about-file = Original file
button-about-info = Parameters
button-about-delete = Delete
button-about-report = Report

not-your-button = In this chat only whoever asked for a picture presses its buttons. With /draw you make one of your own.
not-your-result = Only whoever asked for this picture, or an admin, can do that.
button-elsewhere = This button belongs to another chat.
picture-forgotten = What this picture was made from has been forgotten, as its owner wished.
picture-deleted = This picture was deleted.
picture-not-shown = This picture was not shown here, so there is no file of it to give out.
picture-only-blurred = This picture is only shown blurred here, so neither its file nor its parameters are given out.
redrawn-gone = Its file had been cleared away, so it was drawn once more from the record.
info-seeds = Seeds of these pictures: { $seeds }
result-deleted = Deleted.
form-ask = { $name }, answer this message with what is to change: other words, + snow, - people, --seed 5. It was drawn from:
form-ask-anybody = Answer this message with what is to change: other words, + snow, - people, --seed 5. It was drawn from:
form-placeholder = Other words, --seed 5 …
telegram-album-buttons = Buttons for these { $count } pictures
