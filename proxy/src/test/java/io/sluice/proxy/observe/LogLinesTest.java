package io.sluice.proxy.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.service.json.Json;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogLinesTest {
    private final LogLines lines = new LogLines();

    @Test
    void writesNumbersAsTheyAre() {
        for (long number : new long[] {0, 7, 10, 999, 1000, 4_294_967_296L, Long.MAX_VALUE}) {
            lines.clear();
            lines.number(number);
            assertThat(lines).hasToString(Long.toString(number));
        }
    }

    @Test
    void roundsToMicroseconds() {
        lines.millis(1_234_567_499);
        lines.raw(' ');
        lines.millis(500);
        lines.raw(' ');
        lines.millis(-3);
        assertThat(lines).hasToString("1234.567 0.001 0.000");
    }

    @Test
    void writesTimesWithMilliseconds() {
        for (String time :
                new String[] {"2026-01-02T03:04:05.006Z", "2026-01-02T03:04:05.999Z", "1969-12-31T23:59:59.500Z"}) {
            lines.clear();
            lines.time(Instant.parse(time).toEpochMilli());
            assertThat(lines).hasToString(time);
        }
    }

    @Test
    void nothingThatAClientChoseEndsAString() throws Exception {
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(40); length > 0; length--) {
                text.append((char) (random.nextInt(4) == 0 ? random.nextInt(0xd800) : random.nextInt(128)));
            }
            lines.clear();
            lines.raw('"');
            lines.text(text.toString());
            lines.raw('"');
            assertThat(Json.mapper().readValue(lines.toString(), String.class)).isEqualTo(text.toString());
            assertThat(lines.toString()).doesNotContain("\n");
        }
    }

    @Test
    void writesTheTimesOfTheCommonFormat() {
        lines.commonTime(Instant.parse("2026-02-03T04:05:06.789Z").toEpochMilli());
        lines.raw(' ');
        lines.commonTime(Instant.parse("2026-02-03T04:05:07Z").toEpochMilli());
        assertThat(lines).hasToString("03/Feb/2026:04:05:06 +0000 03/Feb/2026:04:05:07 +0000");
    }

    @Test
    void nothingThatAClientChoseEndsAField() {
        lines.field("a\"b\\c\r\n\u0000\u007f\u00e9~");
        assertThat(lines).hasToString("a\\x22b\\x5Cc\\x0D\\x0A\\x00\\x7F\\xE9~");
    }

    @Test
    void growsAsFarAsItHasTo() {
        String long100k = "x".repeat(100_000);
        lines.text(long100k);
        lines.text("é");
        assertThat(lines).hasToString(long100k + "\\u00e9");
        assertThat(lines.written().remaining()).isEqualTo(100_006);
    }
}
