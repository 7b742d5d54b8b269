/* A libmodbus slave on a serial port: slave PORT UNIT. Holding and input registers 0..99 hold 1000 + address,
   coils and discrete inputs are set at odd addresses; it ends with its port. */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    modbus_t *context = argc == 3 ? modbus_new_rtu(argv[1], 9600, 'N', 8, 1) : NULL;
    modbus_mapping_t *map = modbus_mapping_new(100, 100, 100, 100);
    uint8_t query[MODBUS_RTU_MAX_ADU_LENGTH];

    if (context == NULL || map == NULL || modbus_set_slave(context, atoi(argv[2])) || modbus_connect(context))
        return 1;
    for (int i = 0; i < 100; i++) {
        map->tab_registers[i] = map->tab_input_registers[i] = 1000 + i;
        map->tab_bits[i] = map->tab_input_bits[i] = i % 2;
    }
    puts("ready");
    fflush(stdout);
    for (;;) {
        int length = modbus_receive(context, query);
        if (length > 0)
            modbus_reply(context, query, length, map);
        else if (length < 0 && (errno == EIO || errno == ECONNRESET || errno == EBADF))
            return 0;
    }
}
