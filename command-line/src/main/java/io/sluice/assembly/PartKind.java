package io.sluice.assembly;

import java.nio.file.Path;

/** The programs a Sluice is made of. */
public enum PartKind {
    WEBHOOK_INSTANCE("webhook-instance", "webhook-instance.yaml"),
    PROXY("proxy", "proxy.yaml"),
    ROLLOUT_ENGINE("rollout-engine", "rollout.yaml");

    private final String command;
    private final String settings;

    PartKind(String command, String settings) {
        this.command = command;
        this.settings = settings;
    }

    /** The command that runs it as a process. */
    public String command() {
        return command;
    }

    /** Its settings file in a configuration folder. */
    public Path defaultSettings(Path config) {
        return config.resolve(settings);
    }
}
