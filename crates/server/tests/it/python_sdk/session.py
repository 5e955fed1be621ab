"""A session of an agent with `epicenter mcp`, by the official Python SDK."""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main(program: str, role: str, environment: dict[str, str]) -> dict:
    server = StdioServerParameters(command=program, args=["mcp", "--role", role], env=environment)
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        hello = await session.initialize()
        tools = (await session.list_tools()).tools

        async def call(tool: str, arguments: dict) -> dict:
            answer = await session.call_tool(tool, arguments)
            content = answer.structuredContent
            # Agents that read no structured content get the same as text.
            assert json.loads(answer.content[0].text) == content
            return {"failed": answer.isError, **content}

        found = await call("search_incidents", {"status": "open"})
        number = str(found["untrusted_data"]["items"][0]["number"])
        said = {
            "server": hello.serverInfo.name,
            "instructions": hello.instructions,
            "tools": {tool.name: tool.annotations.readOnlyHint for tool in tools},
            "schemas": all(tool.inputSchema["type"] == "object" for tool in tools),
            "found": found,
            "incident": await call("get_incident", {"incident": number}),
            "memory": await call("search_observations", {"q": "checkout"}),
            "resolved": await call("resolve_incident", {"incident": number}),
        }
        return said


print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3])))))
