"""A mail server: prints its port, then what is in each of two letters, as JSON."""

import asyncio
import email
import email.policy
import json

from aiosmtpd.smtp import SMTP

LETTERS = 2


class Keeper:
    def __init__(self, done):
        self.done = done
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        plain = letter.get_body(("plain",))
        facts = {
            "mail_from": envelope.mail_from,
            "rcpt_tos": envelope.rcpt_tos,
            "subject": letter["subject"],
            "message_id": letter["message-id"],
            "in_reply_to": letter["in-reply-to"],
            "references": letter["references"],
            "kinds": [part.get_content_type() for part in letter.walk() if not part.is_multipart()],
            "text": plain.get_content() if plain else "",
            "defects": [str(it) for part in letter.walk() for it in part.defects],
        }
        print(json.dumps(facts), flush=True)
        self.count += 1
        if self.count == LETTERS:
            self.done.set()
        return "250 OK"


async def serve():
    done = asyncio.Event()
    keeper = Keeper(done)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(keeper), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await done.wait()
    server.close()


asyncio.run(serve())
