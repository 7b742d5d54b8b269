/* A libmodbus master: master PORT BAUD REGISTERS EXCHANGES; prints its processor time as JSON. */
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static double spent(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    uint16_t registers[125];
    modbus_t *context = argc == 5 ? modbus_new_rtu(argv[1], atoi(argv[2]), 'N', 8, 1) : NULL;
    int failed = 0;

    if (context == NULL || modbus_set_slave(context, 1) || modbus_connect(context))
        return 1;
    double before = spent();
    for (int i = 0; i < atoi(argv[4]); i++) {
        modbus_flush(context);
        failed += modbus_read_registers(context, 0, atoi(argv[3]), registers) != atoi(argv[3]);
    }
    printf("{\"cpu_s\": %f, \"failed\": %d}\n", spent() - before, failed);
    modbus_close(context);
    return 0;
}
