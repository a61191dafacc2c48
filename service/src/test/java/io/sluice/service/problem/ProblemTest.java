package io.sluice.service.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.service.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemTest {
    private static final Problem PROBLEM = Problem.of("floor-would-break", 409, "The floor would break")
            .withDetail("2 of 3 left")
            .withErrors(List.of(new ProblemError("/changes/0", "hold on a")))
            .with("minInService", 3);

    @Test
    void isWrittenAsRfc9457Says() {
        assertThat(PROBLEM.toJson())
                .hasToString("{\"type\":\"/problems/floor-would-break\","
                        + "\"title\":\"The floor would break\",\"status\":409,\"detail\":\"2 of 3 left\","
                        + "\"errors\":[{\"pointer\":\"/changes/0\",\"detail\":\"hold on a\"}],\"minInService\":3}");
    }

    @Test
    void isReadBack() {
        Problem read = Problem.fromJson(PROBLEM.toJson(), 500);

        assertThat(read.type()).isEqualTo("floor-would-break");
        assertThat(read.status()).isEqualTo(409);
        assertThat(read.errors()).isEqualTo(PROBLEM.errors());
        assertThat(read.toJson()).hasToString(PROBLEM.toJson().toString());
    }

    @Test
    void strangersErrorsGetTheDefaults() {
        Problem read = Problem.fromJson(Json.mapper().createObjectNode(), 502);

        assertThat(read.type()).isEqualTo("about:blank");
        assertThat(read.status()).isEqualTo(502);
    }

    @Test
    void fitsOnOneLine() {
        assertThat(PROBLEM.asException()).hasMessage("The floor would break: 2 of 3 left; /changes/0: hold on a");
    }
}
