using MudBlazor;

namespace SegmentEngine.Server.Dashboard.Frame;

/// <summary>Colours and letters. Text on every ground has at least the contrast of WCAG's level AA; the fonts are the viewer's own.</summary>
public static class Look
{
    private static readonly string[] font = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "DejaVu Sans", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#4353c9", Secondary = "#0b7a75", Background = "#f6f7fb", Surface = "#ffffff", TextPrimary = "#1c2033", TextSecondary = "#535a75", ActionDefault = "#535a75",
            Success = "#176b3a", Error = "#b3261e", Warning = "#8a5300", Info = "#2661a8", LinesDefault = "#dcdfec", LinesInputs = "#7b819b", AppbarBackground = "#ffffff", AppbarText = "#1c2033",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#a3afff", PrimaryContrastText = "#151a33", Secondary = "#5cc9c2", Background = "#12141d", Surface = "#1b1e2b", TextPrimary = "#e9ebf5", TextSecondary = "#aab0c8", ActionDefault = "#aab0c8",
            Success = "#62c98b", Error = "#ff9c94", Warning = "#f0b35c", Info = "#8dbdf5", LinesDefault = "#333850", LinesInputs = "#7d84a3", AppbarBackground = "#1b1e2b", AppbarText = "#e9ebf5",
        },
        Typography = new() { Default = new DefaultTypography { FontFamily = font, FontSize = "0.9375rem" } },
        LayoutProperties = new() { DefaultBorderRadius = "8px" },
    };
}
