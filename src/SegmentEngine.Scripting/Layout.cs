using System.Text;

namespace SegmentEngine.Scripting;

/// <summary>Text that knows where it may be broken into lines: as many as it takes to be narrow, and no more.</summary>
internal abstract record Layout(int Width)
{
    /// <summary>How wide a line may be.</summary>
    public const int WidthMax = 120;

    private const int Step = 4;

    /// <summary>Indented no further than this, so that nesting alone makes no text large.</summary>
    private const int IndentMax = 60;

    public static implicit operator Layout(string text) => new Fixed(text);

    /// <summary>One after the other.</summary>
    public static Layout Of(params Layout[] parts) => new Row(parts);

    /// <summary>A place where a line may end; else this text.</summary>
    public static Layout Break(string otherwise = "") => new Place(otherwise);

    /// <summary>On lines of its own, further to the right.</summary>
    public static Layout Inside(params Layout[] parts) => new Indented(Of(parts));

    /// <summary>All on one line if it fits, else broken at every place that is not inside another such part.</summary>
    public static Layout Together(params Layout[] parts) => new Unit(Of(parts));

    /// <summary>As many as fit on each line.</summary>
    public static Layout Filled(IEnumerable<Layout> items, string separator) => new Fill([.. items], separator);

    /// <summary>In lines where it is wide, or all in one.</summary>
    public string Render(bool inLines)
    {
        var text = new StringBuilder();
        var column = 0;
        Write(this, indent: 0, flat: !inLines);
        return text.ToString();

        void Write(Layout layout, int indent, bool flat)
        {
            switch (layout)
            {
                case Fixed written:
                    Add(written.Text);
                    break;
                case Place place when flat:
                    Add(place.Otherwise);
                    break;
                case Place:
                    NewLine(indent);
                    break;
                case Indented inner:
                    Write(inner.Part, Math.Min(indent + Step, IndentMax), flat);
                    break;
                case Unit unit:
                    Write(unit.Part, indent, flat || column + unit.Width <= WidthMax);
                    break;
                case Row row:
                    Array.ForEach(row.Parts, part => Write(part, indent, flat));
                    break;
                case Fill fill:
                    for (var i = 0; i < fill.Items.Length; i++)
                    {
                        if (i > 0)
                        {
                            Add(fill.Separator.TrimEnd());
                            if (!flat && column + 1 + fill.Items[i].Width > WidthMax)
                            {
                                NewLine(indent);
                            }
                            else
                            {
                                Add(" ");
                            }
                        }

                        Write(fill.Items[i], indent, flat);
                    }

                    break;
                default:
                    throw new InvalidOperationException($"no layout for {layout.GetType().Name}");
            }
        }

        void Add(string part)
        {
            text.Append(part);
            column += part.Length;
        }

        void NewLine(int indent)
        {
            text.Append('\n').Append(' ', indent);
            column = indent;
        }
    }

    private sealed record Fixed(string Text) : Layout(Text.Length);

    private sealed record Place(string Otherwise) : Layout(Otherwise.Length);

    private sealed record Row(Layout[] Parts) : Layout(Parts.Sum(static part => part.Width));

    private sealed record Indented(Layout Part) : Layout(Part.Width);

    private sealed record Unit(Layout Part) : Layout(Part.Width);

    private sealed record Fill(Layout[] Items, string Separator) : Layout(Items.Sum(static item => item.Width) + (Separator.Length * Math.Max(0, Items.Length - 1)));
}
