"""The fair, bounded queue of waiting jobs: start-time fair queueing, chat first, then member.

A chat's next job starts where its last one ends in virtual time, which is counted in work
(millicredits): the chat that has had least is served next, and within it the member who has had
least for their weight (Goyal, Vin and Cheng, "Start-time Fair Queueing", SIGCOMM 1996, applied
twice). So one member's batch of forty does not block a newcomer, and a busy chat not a quiet one.

- A member is a person: work for any linked account, in any chat, counts in all of them, and however
  many chats a member asks in, they get no more than a chat of their own would. All private chats
  together are one chat.
- Only work that was begun counts. A job cancelled while it waits costs its member no turn, and of
  one cancelled while it was drawn only the part that was drawn. What drawing really took is not
  charged: in a batch that depends on the neighbours, and a price that is told beforehand is kept.
- Ageing: an hour of waiting counts as one credit within a chat, so that a stream of newcomers never
  keeps anybody waiting for ever. (Chats are few, and each has its share.)
- A job that fits what is being drawn may pass others; no job is passed by more than two credits of
  work altogether.
- Each turn that was taken is stored with the job's claim, and waiting jobs are put again in the
  order of acceptance: a restart keeps the line.
"""

from bot.job_queue.line import Flow
from bot.job_queue.pace import Pace
from bot.job_queue.waiting import SHOWN, JobQueue

__all__ = ["SHOWN", "Flow", "JobQueue", "Pace"]
