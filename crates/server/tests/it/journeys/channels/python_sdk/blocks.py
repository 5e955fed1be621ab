"""Reads blocks from standard input with Slack's library; prints what it understood of them."""

import json
import sys

from slack_sdk.models.blocks import Block

blocks = Block.parse_all(json.load(sys.stdin))
for block in blocks:
    block.validate_json()
print(json.dumps([block.to_dict() for block in blocks]))
