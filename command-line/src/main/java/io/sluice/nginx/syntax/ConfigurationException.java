package io.sluice.nginx.syntax;

/** The configuration cannot be read: it is not nginx' syntax, a file is missing, or a limit is passed. The message names file and line. */
public final class ConfigurationException extends RuntimeException {
    public ConfigurationException(String message) {
        super(message);
    }

    ConfigurationException(Position position, String message) {
        super(position + ": " + message);
    }
}
