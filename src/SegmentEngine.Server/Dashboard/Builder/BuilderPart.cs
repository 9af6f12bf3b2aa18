using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace SegmentEngine.Server.Dashboard.Builder;

/// <summary>A piece of the rule builder. Every change goes through <see cref="Edit"/>.</summary>
public abstract class BuilderPart : ComponentBase
{
    [CascadingParameter]
    protected RuleBuilder Builder { get; set; } = null!;

    [Inject]
    protected IStringLocalizer<Texts> T { get; set; } = null!;

    protected void Edit(Action change)
    {
        change();
        Builder.Changed();
    }
}
