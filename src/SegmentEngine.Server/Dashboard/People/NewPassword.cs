using System.Net.Mail;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Localization;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Dashboard.People;

/// <summary>What is wrong with what somebody gave to make an account, in the viewer's language.</summary>
public static class NewPassword
{
    public static async Task<IReadOnlyList<string>> Problems(UserManager<Person> users, IStringLocalizer<Texts> texts, Person person, string? password)
    {
        var problems = new List<string>();
        if (person.Name is not { Length: > 0 and <= SignInRules.NameLengthMax })
        {
            problems.Add(texts["NeedsName"]);
        }

        if (!IsEmail(person.Email))
        {
            problems.Add(texts["NoEmail", person.Email]);
        }

        if (password is not { Length: >= SignInRules.PasswordLengthMin and <= SignInRules.PasswordLengthMax })
        {
            problems.Add(texts["PasswordHint", SignInRules.PasswordLengthMin]);
        }
        else
        {
            foreach (var validator in users.PasswordValidators)
            {
                problems.AddRange((await validator.ValidateAsync(users, person, password)).Errors.Select(static error => error.Description));
            }
        }

        return problems;
    }

    public static bool IsEmail(string email) => email.Length <= SignInRules.EmailLengthMax && MailAddress.TryCreate(email, out var address) && address.Address == email && address.Host.Contains('.', StringComparison.Ordinal);
}
