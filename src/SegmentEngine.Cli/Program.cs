using SegmentEngine.Cli;

using var cancel = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    cancel.Cancel();
};
using var terminal = Terminal.OfProcess();
return await SegmentCommand.Run(args, terminal, cancel.Token);
