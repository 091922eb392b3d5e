using Microsoft.Extensions.Options;

namespace MmuNotifier.Registration.DependencyInjection;

/// <summary>Says what <see cref="RegistrationCacheOptions.Validate"/> says.</summary>
internal sealed class RegistrationCacheOptionsValidator : IValidateOptions<RegistrationCacheOptions>
{
    public ValidateOptionsResult Validate(string? name, RegistrationCacheOptions options)
    {
        try
        {
            options.Validate();
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException exception)
        {
            return ValidateOptionsResult.Fail($"Registration cache '{options.Name}': {exception.Message}");
        }
    }
}
