package io.sluice.instance.receive;

import java.nio.file.Path;

/** An instance in a process of its own, to be killed. Prints its port. */
public final class InstanceProcess {
    static final String WEBHOOKS = """
            { "keep": { "module": "save_to_disk", "module-config": { "path": "keep" } } }
            """;

    private InstanceProcess() {}

    public static void main(String[] arguments) {
        // its threads keep the process alive
        TestInstance instance = TestInstance.start(Path.of(arguments[0]), WEBHOOKS);
        System.out.println("port " + instance.port());
        System.out.flush();
    }
}
