package scheme

var ParameterCodec any
