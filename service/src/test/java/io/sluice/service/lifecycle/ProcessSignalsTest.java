package io.sluice.service.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class ProcessSignalsTest {
    @Test
    void everySignalIsHandled() throws Exception {
        CountDownLatch handled = new CountDownLatch(1);
        assertThat(ProcessSignals.handle("USR1", handled::countDown)).isTrue();
        assertThat(new ProcessBuilder(
                                "sh",
                                "-c",
                                "kill -USR1 " + ProcessHandle.current().pid())
                        .start()
                        .waitFor())
                .isZero();
        assertThat(handled.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatCannotBeHandledIsLeftAsItIs() {
        assertThat(ProcessSignals.handle("KILL", () -> {})).isFalse();
        assertThat(ProcessSignals.handle("NONE", () -> {})).isFalse();
    }
}
