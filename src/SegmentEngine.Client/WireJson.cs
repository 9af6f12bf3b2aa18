using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

/// <summary>How the wire records become JSON and come back: snake case, strict numbers, no key twice. Source-generated, so that trimming keeps what is needed.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.Strict,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 512,
    Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(Contact))]
[JsonSerializable(typeof(ContactInput))]
[JsonSerializable(typeof(ContactBatch))]
[JsonSerializable(typeof(ContactSaved))]
[JsonSerializable(typeof(ContactPage))]
[JsonSerializable(typeof(BatchAccepted))]
[JsonSerializable(typeof(Written))]
[JsonSerializable(typeof(EventMessage))]
[JsonSerializable(typeof(EventBatch))]
[JsonSerializable(typeof(Segment))]
[JsonSerializable(typeof(SegmentPage))]
[JsonSerializable(typeof(SegmentsOfContact))]
[JsonSerializable(typeof(MembershipCheck))]
[JsonSerializable(typeof(CheckBatch))]
[JsonSerializable(typeof(CheckBatchAnswer))]
[JsonSerializable(typeof(MemberPage))]
[JsonSerializable(typeof(MembershipExplanation))]
[JsonSerializable(typeof(HistoryPage))]
[JsonSerializable(typeof(ManagedSegment))]
[JsonSerializable(typeof(ManagedSegmentList))]
[JsonSerializable(typeof(SegmentInput))]
[JsonSerializable(typeof(SegmentPatch))]
[JsonSerializable(typeof(PublishInput))]
[JsonSerializable(typeof(DuplicateInput))]
[JsonSerializable(typeof(SegmentRevisionList))]
[JsonSerializable(typeof(SegmentDiff))]
[JsonSerializable(typeof(SegmentOverlap))]
[JsonSerializable(typeof(RuleQuestion))]
[JsonSerializable(typeof(RuleChecked))]
[JsonSerializable(typeof(RulePreview))]
[JsonSerializable(typeof(Schema))]
[JsonSerializable(typeof(WorkspaceInfo))]
[JsonSerializable(typeof(ContactListList))]
[JsonSerializable(typeof(ListInput))]
[JsonSerializable(typeof(ListWritten))]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(AuditVerdict))]
[JsonSerializable(typeof(KeyInput))]
[JsonSerializable(typeof(Key))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(AgentAction))]
[JsonSerializable(typeof(IReadOnlyList<AgentAction>))]
[JsonSerializable(typeof(AgentActionInput))]
[JsonSerializable(typeof(Instruction))]
[JsonSerializable(typeof(IReadOnlyList<Instruction>))]
[JsonSerializable(typeof(InstructionInput))]
[JsonSerializable(typeof(GateQuestion))]
[JsonSerializable(typeof(GateAnswer))]
[JsonSerializable(typeof(AuthorizeQuestion))]
[JsonSerializable(typeof(AuthorizeAnswer))]
[JsonSerializable(typeof(Health))]
public sealed partial class WireJson : JsonSerializerContext;
