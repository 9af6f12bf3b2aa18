using GatedAgent;
using Microsoft.Extensions.AI;
using SegmentEngine.Agents;
using SegmentEngine.Client;

if (args is not [var address, var key, var contact])
{
    Console.Error.WriteLine("usage: GatedAgent SERVER KEY CONTACT, such as http://127.0.0.1:5210 sk_… external_id:c-00092");
    return 2;
}

var server = SegmentEngineClient.Connect(new(address), key);
var lookUp = AIFunctionFactory.Create(static (string order) => $"order {order} is on its way", "look_up_order", "Look up an order and where it is");
var refund = AIFunctionFactory.Create(static (string order) => $"order {order} is refunded", "refund_order", "Refund an order");

// Any IChatClient will do in the place of the scripted one.
using var agent = new ScriptedModel(Console.Out).AsBuilder()
    .UseSegmentGate(contact, server, static gate => gate.Channel = "web")
    .UseFunctionInvocation()
    .Build();
var answer = await agent.GetResponseAsync("I want my money back for order 1001", new() { Tools = [lookUp, refund] });
Console.WriteLine($"the agent says: {answer.Text}");
return 0;
