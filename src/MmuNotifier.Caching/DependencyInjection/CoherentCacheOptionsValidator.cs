using Microsoft.Extensions.Options;

namespace MmuNotifier.Caching;

/// <summary>Says what <see cref="CoherentCacheOptions.Validate"/> says.</summary>
internal sealed class CoherentCacheOptionsValidator : IValidateOptions<CoherentCacheOptions>
{
    public ValidateOptionsResult Validate(string? name, CoherentCacheOptions options)
    {
        try
        {
            options.Validate();
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException exception)
        {
            return ValidateOptionsResult.Fail($"Cache '{options.Name}': {exception.Message}");
        }
    }
}
