using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Comms.Signaling.Hosting;

/// <summary>Fills an options record from its section and lists every unknown key and every bad value by its full name.</summary>
public static class OptionsBinder
{
    /// <summary>A new record with defaults for absent keys. Errors are added, never thrown.</summary>
    public static object Bind(Type type, IConfigurationSection section, ICollection<string> errors)
    {
        object options = Activator.CreateInstance(type)
            ?? throw new InvalidOperationException($"{type.Name} has no parameterless constructor.");
        var properties = Keys(type).ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        foreach (IConfigurationSection value in section.GetChildren())
        {
            if (!properties.TryGetValue(value.Key, out PropertyInfo? property))
                errors.Add($"{section.Path}:{value.Key}: no such key");
            else if (value.Value is null && value.GetChildren().Any())
                errors.Add($"{section.Path}:{property.Name}: a single value is wanted, not a list or an object");
            else
                SetValue(options, property, $"{section.Path}:{property.Name}", value.Value ?? "", errors);
        }

        return options;
    }

    /// <summary>The settable keys of an options record, in the order they are written.</summary>
    public static IEnumerable<PropertyInfo> Keys(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite);

    private static void SetValue(object options, PropertyInfo property, string key, string text, ICollection<string> errors)
    {
        if (!TryConvert(property.PropertyType, text, out object? value))
        {
            errors.Add($"{key}: \"{text}\" is not {Describe(property.PropertyType)}");
            return;
        }

        foreach (ValidationAttribute rule in property.GetCustomAttributes<ValidationAttribute>())
        {
            if (!rule.IsValid(value)) errors.Add($"{key}: {rule.FormatErrorMessage(property.Name)} (it is \"{text}\")");
        }

        property.SetValue(options, value);
    }

    private static bool TryConvert(Type type, string text, out object? value)
    {
        value = null;
        if (type == typeof(string)) value = text;
        else if (type.IsEnum && !int.TryParse(text, out _) && Enum.TryParse(type, text, ignoreCase: true, out object? word)) value = word;
        else if (type == typeof(bool) && bool.TryParse(text, out bool flag)) value = flag;
        else if (type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)) value = number;
        else if (type == typeof(long) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long big)) value = big;
        else if (type == typeof(double) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real)) value = real;
        return value is not null;
    }

    private static string Describe(Type type)
    {
        if (type.IsEnum) return "one of " + string.Join(", ", Enum.GetNames(type));
        if (type == typeof(bool)) return "true or false";
        return type == typeof(double) ? "a number" : "a whole number";
    }
}
