package io.sluice.cli;

import io.sluice.client.RefusedException;
import io.sluice.client.UnreachableException;

/** Prints one line per check and remembers whether all passed. */
final class CheckList {
    private final Console console;
    private int failed;

    CheckList(Console console) {
        this.console = console;
    }

    /** What a check found out. */
    record Finding(Kind kind, String detail) {
        enum Kind {
            PASSED("✓"),
            FAILED("✗"),
            SKIPPED("–");

            private final String mark;

            Kind(String mark) {
                this.mark = mark;
            }
        }

        static Finding passed(String detail) {
            return new Finding(Kind.PASSED, detail);
        }

        static Finding failed(String detail) {
            return new Finding(Kind.FAILED, detail);
        }

        static Finding skipped(String why) {
            return new Finding(Kind.SKIPPED, why);
        }

        static Finding of(boolean passed, String detail) {
            return passed ? passed(detail) : failed(detail);
        }
    }

    /** One check; an unreachable server or a refusal is a failed one. */
    interface Check {
        Finding run();
    }

    void check(String name, Check check) {
        Finding finding;
        try {
            finding = check.run();
        } catch (UnreachableException | RefusedException e) {
            finding = Finding.failed(String.valueOf(e.getMessage()));
        }
        if (finding.kind() == Finding.Kind.FAILED) {
            failed++;
        }
        console.println(finding.kind().mark + " " + name + (finding.detail().isEmpty() ? "" : ": " + finding.detail()));
    }

    int failed() {
        return failed;
    }
}
