using SegmentEngine.Client;

namespace SegmentEngine.Server.Hosting;

/// <summary>Answers are written as the client reads them, and described as they are written.</summary>
public static class WireJsonOptions
{
    public static void AddWireJson(this WebApplicationBuilder builder) => builder.Services.ConfigureHttpJsonOptions(static http =>
    {
        var wire = WireJson.Default.Options;
        var answers = http.SerializerOptions;
        answers.TypeInfoResolverChain.Insert(0, WireJson.Default);
        answers.PropertyNamingPolicy = wire.PropertyNamingPolicy;
        answers.NumberHandling = wire.NumberHandling;
        answers.RespectNullableAnnotations = wire.RespectNullableAnnotations;
        answers.MaxDepth = wire.MaxDepth;
        foreach (var converter in wire.Converters)
        {
            answers.Converters.Add(converter);
        }
    });
}
