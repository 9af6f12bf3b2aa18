namespace SegmentEngine.Client;

public sealed partial class SegmentEngineClient
{
    public Task<GateAnswer> Resolve(GateQuestion question, long? atLeast = null, CancellationToken cancel = default) =>
        Ask(HttpMethod.Post, $"gating/resolve{Query(("at_least", atLeast))}", question, WireJson.Default.GateQuestion, WireJson.Default.GateAnswer, cancel);

    public Task<AuthorizeAnswer> Authorize(AuthorizeQuestion question, long? atLeast = null, CancellationToken cancel = default) =>
        Ask(HttpMethod.Post, $"gating/authorize{Query(("at_least", atLeast))}", question, WireJson.Default.AuthorizeQuestion, WireJson.Default.AuthorizeAnswer, cancel);

    public Task<IReadOnlyList<AgentAction>> ListActions(CancellationToken cancel = default) => Get("actions", WireJson.Default.IReadOnlyListAgentAction, cancel);

    public Task<AgentAction> GetAction(Guid action, CancellationToken cancel = default) => Get($"actions/{action}", WireJson.Default.AgentAction, cancel);

    public Task<AgentAction> CreateAction(AgentActionInput action, CancellationToken cancel = default) =>
        Make("actions", action, WireJson.Default.AgentActionInput, WireJson.Default.AgentAction, cancel);

    public Task<AgentAction> EditAction(Guid action, AgentActionInput changes, CancellationToken cancel = default) =>
        Ask(HttpMethod.Patch, $"actions/{action}", changes, WireJson.Default.AgentActionInput, WireJson.Default.AgentAction, cancel);

    public Task<Written> DeleteAction(Guid action, CancellationToken cancel = default) => Delete($"actions/{action}", WireJson.Default.Written, cancel);

    public Task<IReadOnlyList<Instruction>> ListInstructions(CancellationToken cancel = default) => Get("training", WireJson.Default.IReadOnlyListInstruction, cancel);

    public Task<Instruction> GetInstruction(Guid instruction, CancellationToken cancel = default) => Get($"training/{instruction}", WireJson.Default.Instruction, cancel);

    public Task<Instruction> CreateInstruction(InstructionInput instruction, CancellationToken cancel = default) =>
        Make("training", instruction, WireJson.Default.InstructionInput, WireJson.Default.Instruction, cancel);

    public Task<Instruction> EditInstruction(Guid instruction, InstructionInput changes, CancellationToken cancel = default) =>
        Ask(HttpMethod.Patch, $"training/{instruction}", changes, WireJson.Default.InstructionInput, WireJson.Default.Instruction, cancel);

    public Task<Written> DeleteInstruction(Guid instruction, CancellationToken cancel = default) => Delete($"training/{instruction}", WireJson.Default.Written, cancel);

    public Task<IReadOnlyList<InstructionDirectory>> ListDirectories(CancellationToken cancel = default) => Get("training/directories", WireJson.Default.IReadOnlyListInstructionDirectory, cancel);

    public Task<InstructionDirectory> GetDirectory(Guid directory, CancellationToken cancel = default) => Get($"training/directories/{directory}", WireJson.Default.InstructionDirectory, cancel);

    public Task<InstructionDirectory> CreateDirectory(InstructionDirectoryInput directory, CancellationToken cancel = default) =>
        Make("training/directories", directory, WireJson.Default.InstructionDirectoryInput, WireJson.Default.InstructionDirectory, cancel);

    public Task<InstructionDirectory> EditDirectory(Guid directory, InstructionDirectoryInput changes, CancellationToken cancel = default) =>
        Ask(HttpMethod.Patch, $"training/directories/{directory}", changes, WireJson.Default.InstructionDirectoryInput, WireJson.Default.InstructionDirectory, cancel);

    /// <summary>Refused (409) while instructions are in it.</summary>
    public Task<Written> DeleteDirectory(Guid directory, CancellationToken cancel = default) => Delete($"training/directories/{directory}", WireJson.Default.Written, cancel);
}
